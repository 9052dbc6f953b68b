"""Taking in what is told, and deciding what becomes of it."""
