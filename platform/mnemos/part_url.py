"""The URL that chooses a part and says where it is. Its secrets are shown to nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

HIDDEN = "***"

_SHORTEST_SOUGHT = 4
"""Characters from which on a password is looked for in a sentence: a shorter one is in any word."""
_VALUES = re.compile(r"=[^&#]*")
_SCHEME = re.compile(r"[a-z0-9+.-]*:(//)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class PartUrl:
    """What is written, with its password. In every other form that password is ``***``."""

    whole: str
    """For those who connect. It goes into no message."""

    def __str__(self) -> str:
        return hidden(self.whole)

    def __repr__(self) -> str:
        return f"PartUrl({str(self)!r})"

    @property
    def scheme(self) -> str:
        return self.whole.partition(":")[0]

    @property
    def rest(self) -> str:
        """What follows the scheme and its colon; empty for a part of this process."""
        return self.whole.partition(":")[2]

    def without_secrets(self, told: str) -> str:
        """Return what a library told about this URL, without the secrets that are in it."""
        told = told.replace(self.whole, str(self))
        for secret in sorted(_secrets(self.whole), key=len, reverse=True):
            if len(secret) >= _SHORTEST_SOUGHT:
                told = told.replace(secret, HIDDEN)
        return told


def hidden(url: str) -> str:
    """Return a URL without its user and password, its token, and the values of its query.

    A password may hold any character, also those that it should not: whatever stands before the
    last `@` is hidden.
    """
    start, at, place = _split(url)
    path, question, query = place.partition("?")
    place = path + question + _VALUES.sub(f"={HIDDEN}", query)
    return f"{start}{HIDDEN}@{place}" if at else place


def _secrets(url: str) -> set[str]:
    start, at, place = _split(url)
    user = url.removeprefix(start).removesuffix(at + place)
    found = {user.partition(":")[2], user}
    found |= {value[1:] for value in _VALUES.findall(place.partition("?")[2])}
    return found | {unquote(each) for each in found}


def _split(url: str) -> tuple[str, str, str]:
    """Return the scheme with its `//`, the `@` behind user and password, and the place."""
    before, at, place = url.rpartition("@")
    found = _SCHEME.match(before)
    return found[0] if found else "", at, place
