"""Memories and blocks, written one by one as their callers give them."""
