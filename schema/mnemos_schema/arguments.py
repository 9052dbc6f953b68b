"""Arguments that many fields take, each described once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from mnemos_schema.scope import ScopeInput

_first = strawberry.argument(description="How many at most: 1 to 100.")

First = Annotated[int, _first]
After = Annotated[
    str | None,
    strawberry.argument(
        description="The endCursor of the page before this one; absent: the first page."
    ),
]
InScope = Annotated[
    ScopeInput | None,
    strawberry.argument(description="Only what is in this scope; absent: anywhere."),
]
AsOf = Annotated[
    datetime | None,
    strawberry.argument(description="What held in the world at this instant; absent: now."),
]
KnownAt = Annotated[
    datetime | None,
    strawberry.argument(
        description="What the platform knew at this instant; absent: what it knows now."
    ),
]
IncludeInvalid = Annotated[
    bool, strawberry.argument(description="Also those that ended, or were found never so.")
]
IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "1 to 256 characters. The same key again within 7 days returns the first answer and "
            "changes nothing."
        )
    ),
]
