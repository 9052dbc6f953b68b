"""What was read of the store, kept while the log says that it is current."""
