"""What the product does: remember, recall, correct, forget."""
