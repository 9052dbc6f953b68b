"""Documents of several formats, read into passages that say where they stand."""
