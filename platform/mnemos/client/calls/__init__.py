"""Every operation of the API, as calls that any transport can carry out."""
