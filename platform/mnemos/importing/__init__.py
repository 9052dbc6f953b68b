"""Files that Mnemos can take in, read into tellings and records."""
