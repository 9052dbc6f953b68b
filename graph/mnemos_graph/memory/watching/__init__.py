"""Standing watches: memories and facts that match, told the moment they appear."""
