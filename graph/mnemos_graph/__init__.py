"""The memory itself: what is known, what was known when, and the log of every change."""
