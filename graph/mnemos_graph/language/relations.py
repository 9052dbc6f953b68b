"""Which relations have one value at a time, and by which words they are told."""

from __future__ import annotations

from collections.abc import Iterable

SINGLE_VALUED = frozenset(
    {
        "address",
        "age",
        "birthday",
        "born_in",
        "email",
        "engaged_to",
        "has_children",
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
_TOLD_WITH = {
    "age": "old year turn",
    "birthday": "birthday born",
    "allergic_to": "allergy allergic reaction give cause",
    "diet": "eat follow diet",
    "engaged_to": "engage fiancé fiancée",
    "has_children": "child children kids",
    "has_condition": "diagnosed suffer condition live",
    "has_pet": "dog cat pet",
    "dislikes": "hate dislike stand like fan",
    "likes": "love like enjoy adore fan big huge fond into",
    "job": "work job profession",
    "learns": "learn start",
    "lives_in": "live home base reside resident",
    "married_to": "wife husband spouse marry married",
    "owns": "own drive ride buy bought",
    "partner": "date see partner relationship together",
    "speaks": "speak fluent language",
    "studies": "study student",
    "studies_at": "study student",
    "takes": "take",
    "uses": "use",
    "works_at": "work employ employer employee job",
}
_TOLD_WITH_ANY = (
    "have get own name call is really very just also still now currently definitely absolutely "
    "simply always actually"
)
_SINGLE_VALUED_FAMILIES = ("favourite_", "favorite_")


def single_valued(predicate: str) -> bool:
    """Return whether a newer value of this relation ends the older one."""
    return predicate in SINGLE_VALUED or predicate.startswith(_SINGLE_VALUED_FAMILIES)


def told_with(predicates: Iterable[str]) -> str:
    """Return the words that say these relations and nothing else: "my employer is", "I work at"."""
    return " ".join([_TOLD_WITH_ANY, *(_TOLD_WITH.get(each, "") for each in predicates)])
