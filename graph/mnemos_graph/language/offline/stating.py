"""Facts as candidates, with a sentence that says them."""

from __future__ import annotations

from mnemos_graph.language.extractor import USER, CandidateEntity, CandidateFact
from mnemos_graph.language.offline.person import UNNAMED
from mnemos_graph.language.offline.stated import Stated

_SAID_AS_IT_IS = (" in", " at", " to", "likes", "dislikes", "prefers", "speaks", "studies", "plays")
_SAID_SO = {
    "allergic_to": "is allergic to",
    "engaged_to": "is engaged to",
    "from": "is from",
    "has_condition": "has",
    "learns": "learns",
    "married_to": "is married to",
    "owns": "owns",
    "takes": "takes",
    "uses": "uses",
}


def fact_of(subject: CandidateEntity, stated: Stated, quote: str) -> CandidateFact:
    entity = stated.target if isinstance(stated.target, CandidateEntity) else None
    value = stated.target if isinstance(stated.target, str) else None
    statement = _said(_told(subject.name), stated.predicate, entity.name if entity else value or "")
    return CandidateFact(
        subject=subject,
        predicate=stated.predicate,
        object=entity,
        value=value,
        statement=f"No longer: {statement}" if stated.ended else statement,
        valid_from=stated.since,
        valid_to=stated.until,
        ended=stated.ended,
        quote=quote,
    )


def _told(name: str) -> str:
    """Return "The user" and "The user's wife" for those whom nobody named."""
    if name == USER:
        return UNNAMED
    return f"{UNNAMED}{name.removeprefix(USER)}" if name.startswith(f"{USER}'s ") else name


def _said(name: str, predicate: str, target: str) -> str:
    verb = predicate.replace("_", " ")
    if so := _SAID_SO.get(predicate):
        return f"{name} {so} {target}."
    if verb.endswith(_SAID_AS_IT_IS):
        return f"{name} {verb} {target}."
    return f"{name}'s {verb}: {target}."
