"""Wide vector search: the promise of a vector store. Its backends are imported by name."""

from mnemos_graph.vectors.protocol import Near, OpenVectors, Point, Stand, VectorStore

__all__ = ["Near", "OpenVectors", "Point", "Stand", "VectorStore"]
