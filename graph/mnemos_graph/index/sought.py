"""What kinds of things a question asks for, and which memories tell: a time, a name, a number.

English questions are understood; of others nothing is known, and nothing is added to any memory.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Sought(StrEnum):
    TIME = "time"
    NAME = "name"
    NUMBER = "number"

    @property
    def weighs(self) -> bool:
        """Whether memories that tell one stand before others where one is asked for."""
        return self is not Sought.NUMBER


_ASKED = {
    Sought.TIME: re.compile(
        r"^(?:since |until )?when\b|\bhow long\b"
        r"|\b(?:what|which) (?:day|date|year|month|week|time)\b",
        re.IGNORECASE,
    ),
    Sought.NAME: re.compile(
        r"^(?:who|whom|whose|where)\b|\b(?:names?|which|called)\b", re.IGNORECASE
    ),
    Sought.NUMBER: re.compile(
        r"\bhow (?:many|much|old|tall|high|loud|long|far|big|heavy|often)\b"
        r"|\b(?:number|budget|price|cost|code|password|version)\b",
        re.IGNORECASE,
    ),
}
_TOLD = {
    Sought.TIME: re.compile(
        r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|since|recently|morning|evening|night|"
        r"days?|weeks?|weekends?|months?|years?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|"
        r"february|march|april|may|june|july|august|september|october|november|december|\d{4})\b",
        re.IGNORECASE,
    ),
    # A capital where no sentence begins, or a title in quotation marks.
    Sought.NAME: re.compile(r"(?<=[a-zß-ÿ,;] )[A-ZÀ-ÖØ-Þ][a-zß-ÿ]+|\"[^\"]+\"|“[^”]+”"),
    Sought.NUMBER: re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|couple|"
        r"dozen|hundred|thousand)\b",
        re.IGNORECASE,
    ),
}


def sought(question: str) -> frozenset[Sought]:
    """Return what ``question`` asks for; nothing where its words do not say."""
    plain = question.strip()
    return frozenset(kind for kind, pattern in _ASKED.items() if pattern.search(plain))


def told(text: str) -> frozenset[Sought]:
    """Return what ``text`` tells, whatever is asked."""
    return frozenset(kind for kind, pattern in _TOLD.items() if pattern.search(text))
