"""Improving what is known where nobody writes just now: repeats, names and summaries."""
