"""The production graph store: records as nodes of Neo4j, references as relationships."""
