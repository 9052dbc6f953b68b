"""Answers that were given before, given again while they are still so, in front of the framework."""
