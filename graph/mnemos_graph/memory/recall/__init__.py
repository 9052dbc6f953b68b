"""The memories that answer a question best, each with what spoke for it."""
