"""Every error that Mnemos raises on purpose.

MnemosError
├── Refused                the caller must change the request
│   ├── BadInput           BAD_USER_INPUT
│   │   ├── TooMuch        LIMIT_EXCEEDED    well-formed, but more than is allowed
│   │   └── Declined                         a model will not answer this
│   ├── Unauthenticated    UNAUTHENTICATED
│   ├── Forbidden          FORBIDDEN
│   ├── NotFound           NOT_FOUND         also for what belongs to somebody else
│   ├── Conflict           CONFLICT          somebody else was first
│   └── CursorExpired      CURSOR_EXPIRED
└── TryLater               the same request may succeed later
    ├── RateLimited        RATE_LIMITED
    ├── Unavailable        UNAVAILABLE       a part is away, full or shutting down
    │   ├── Moved                            the organization lives in another store
    │   ├── Unusable                         it is set up so that it cannot work
    │   └── Garbled                          it answered, but not what was asked for
    │       └── CutShort                     its answer ended before it was whole
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


class Declined(BadInput):
    """A model will not answer what it was asked."""


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
    """The request was sound; a part of the system could not carry it out now.

    ``after``: in how many seconds to ask again, where whoever refused has said so.
    """

    retryable = True

    def __init__(self, message: str = "", *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class RateLimited(TryLater):
    code = "RATE_LIMITED"


class Unavailable(TryLater):
    code = "UNAVAILABLE"


class Moved(Unavailable):
    """The organization lives in another store, or is on its way there."""


class Unusable(Unavailable):
    """A part is set up so that it cannot work: asking again helps only when that was mended."""


class Garbled(Unavailable):
    """What a part answered is not what it was asked for."""


class CutShort(Garbled):
    """The answer is longer than it may be: ask about less at once."""


class TimedOut(TryLater):
    code = "TIMEOUT"
