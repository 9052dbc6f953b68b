"""The production graph store: records as nodes of Neo4j, references as relationships."""

from mnemos_graph.neo4j.store import Neo4jStore, open_neo4j

__all__ = ["Neo4jStore", "open_neo4j"]
