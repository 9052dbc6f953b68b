"""Every error that Mnemos raises on purpose.

MnemosError
├── Refused                the caller must change the request
│   ├── BadInput           BAD_USER_INPUT
│   │   └── TooMuch        LIMIT_EXCEEDED    well-formed, but more than is allowed
│   ├── Unauthenticated    UNAUTHENTICATED
│   ├── Forbidden          FORBIDDEN
│   ├── NotFound           NOT_FOUND         also for what belongs to somebody else
│   ├── Conflict           CONFLICT          somebody else was first
│   └── CursorExpired      CURSOR_EXPIRED
└── TryLater               the same request may succeed later
    ├── RateLimited        RATE_LIMITED
    ├── Unavailable        UNAVAILABLE       a part is away, full or shutting down
    │   └── Moved                            the organization lives in another store
    └── TimedOut           TIMEOUT

Raise the most specific class, with a message that says what was wrong with this input and what
to do about it. Anything that is not a ``MnemosError`` is a defect: it is logged under an incident
id and shown to nobody.
"""

from __future__ import annotations

from typing import ClassVar

_LONGEST_SHOWN = 100
"""Characters of what was sent that a message repeats."""


class MnemosError(Exception):
    """An outcome that we foresaw, with a message written for the caller."""

    code: ClassVar[str]
    retryable: ClassVar[bool] = False


class Refused(MnemosError):
    """The request was understood and will not be carried out as it stands."""


class BadInput(Refused):
    code = "BAD_USER_INPUT"


class TooMuch(BadInput):
    code = "LIMIT_EXCEEDED"


class Unauthenticated(Refused):
    code = "UNAUTHENTICATED"


class Forbidden(Refused):
    code = "FORBIDDEN"


class NotFound(Refused):
    code = "NOT_FOUND"

    def __init__(self, kind: str, key: str) -> None:
        shown = key if len(key) <= _LONGEST_SHOWN else f"{key[:_LONGEST_SHOWN]}…"
        super().__init__(f"There is no {kind} {shown!r}. Look the id up again; it may be deleted.")
        self.kind = kind
        self.key = key


class Conflict(Refused):
    code = "CONFLICT"


class CursorExpired(Refused):
    code = "CURSOR_EXPIRED"


class TryLater(MnemosError):
    """The request was sound; a part of the system could not carry it out now."""

    retryable = True


class RateLimited(TryLater):
    code = "RATE_LIMITED"


class Unavailable(TryLater):
    code = "UNAVAILABLE"


class Moved(Unavailable):
    """The organization lives in another store, or is on its way there."""


class TimedOut(TryLater):
    code = "TIMEOUT"
