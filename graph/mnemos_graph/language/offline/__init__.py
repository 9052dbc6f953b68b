"""Extraction without a model: what patterns of English can tell, and nothing that they cannot.

Third persons without a name, hints and irony are beyond it; where it is not sure it keeps the
sentence and states no fact.
"""
