"""Entities and facts: who is meant, what holds since when, and what ends what."""
