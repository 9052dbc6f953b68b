"""Which relations have one value at a time."""

from __future__ import annotations

SINGLE_VALUED = frozenset(
    {
        "age",
        "birthday",
        "born_in",
        "email",
        "job",
        "lives_in",
        "married_to",
        "name",
        "nationality",
        "phone",
        "studies_at",
        "works_at",
    }
)
_SINGLE_VALUED_FAMILIES = ("favourite_", "favorite_")


def single_valued(predicate: str) -> bool:
    """Return whether a newer value of this relation ends the older one."""
    return predicate in SINGLE_VALUED or predicate.startswith(_SINGLE_VALUED_FAMILIES)
