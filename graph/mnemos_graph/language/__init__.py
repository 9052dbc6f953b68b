"""What words mean: embedding, extraction, relations."""
