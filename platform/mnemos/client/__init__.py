"""Mnemos from Python: ``Client`` and ``AsyncClient``, what they take, and what they answer."""

from mnemos.client.asynchronous import AsyncClient
from mnemos.client.inputs import (
    ChangeFilter,
    EntityRef,
    EntityType,
    FactType,
    MemoryFilter,
    Message,
    Telling,
    WeightedScope,
)
from mnemos.client.sync import Client

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
]
