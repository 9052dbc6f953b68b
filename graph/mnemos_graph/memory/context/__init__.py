"""What a model should have before it, within a budget of tokens."""
