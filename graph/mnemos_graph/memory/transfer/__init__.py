"""Whole files, taken in by a job and written down again."""
