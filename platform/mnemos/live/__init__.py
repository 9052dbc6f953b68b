"""Telling many listeners what one execution answers.

Listeners who ask the same with the same rights form a group. It is executed once, in a context of
its own; each answer is encoded once and handed to every outbox. Whoever comes back is read what it
missed, and joins its group where the two meet.
"""
