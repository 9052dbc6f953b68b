"""Every store there is, for what is worth trying on a real Neo4j too."""

from __future__ import annotations

import pytest

NEO4J = pytest.param("neo4j", marks=[pytest.mark.server, pytest.mark.timeout(180)])
EVERY_STORE = pytest.mark.parametrize("store", ["reference", "sqlite", NEO4J], indirect=True)
"""Mark a test with it that has a ``store``, or a module where all have one."""
