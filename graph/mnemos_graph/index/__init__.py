"""One partition's words, windows and vectors, ready to be searched."""
