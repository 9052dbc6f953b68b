"""Vectors: made once for each version of a memory, and kept where searches find them."""
