"""What all records have in common."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="Whatever has an id of its own.")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique within the organization, for good.")
