"""What a client wants to be answered in: its Accept header, read as RFC 9110 says."""

from __future__ import annotations

from functools import lru_cache

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
MULTIPART = "multipart/mixed"

_ANSWERS = (JSON, RESPONSE_JSON, EVENTS, MULTIPART)


def answer_type(accept: str) -> str | None:
    """Return the media type to answer GraphQL in; None where none will do."""
    best, best_weight = None, 0.0
    for name, weight in _wanted(accept or "*/*"):
        found = JSON if name in {"*/*", "application/*"} else name
        if found in _ANSWERS and weight > best_weight:
            best, best_weight = found, weight
    return best


def takes_json(accept: str) -> bool:
    """Return whether an answer that comes at once, not as a stream, is among what is accepted."""
    return any(
        weight > 0 and name in {JSON, RESPONSE_JSON, "application/*", "*/*"}
        for name, weight in _wanted(accept or "*/*")
    )


def names_json(accept: str) -> bool:
    """Return whether plain JSON is asked for by its name, as clients do that know nothing newer."""
    return answer_type(accept) == JSON and any(name == JSON for name, _ in _wanted(accept))


@lru_cache(maxsize=128)
def _wanted(accept: str) -> tuple[tuple[str, float], ...]:
    found = []
    for each in accept.split(","):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        found.append((name, _weight(weights[0]) if weights else 1.0))
    return tuple(found)


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
