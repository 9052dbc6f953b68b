"""The running program: settings, server, identity, command line and Python client."""

from mnemos.client import (
    AsyncClient,
    ChangeFilter,
    Client,
    EntityRef,
    EntityType,
    FactType,
    MemoryFilter,
    Message,
    Telling,
    WeightedScope,
)

__version__ = "0.1.0"

__all__ = [
    "AsyncClient",
    "ChangeFilter",
    "Client",
    "EntityRef",
    "EntityType",
    "FactType",
    "MemoryFilter",
    "Message",
    "Telling",
    "WeightedScope",
    "__version__",
]
