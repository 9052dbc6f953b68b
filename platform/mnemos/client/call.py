"""One operation of the API: what to send, and what to make of the answer. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from mnemos.client.problems import ServerFault

T_co = TypeVar("T_co", covariant=True)
Reshape = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T_co]):
    document: str
    answer: str
    """The field of the data that has the answer."""
    kind: Any
    """The type of the answer: ``T_co`` as msgspec understands it."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    reshape: Reshape | None = None
    """Brings the answer into the shape of ``kind`` first."""

    def read(self, data: Mapping[str, Any]) -> T_co:
        """Return the answer out of a response's data.

        Raises:
            ServerFault: it is not shaped like any answer to this call.
        """
        try:
            found = data[self.answer]
            shaped = self.reshape(found) if self.reshape and found is not None else found
            value: T_co = msgspec.convert(shaped, self.kind)
        except (KeyError, TypeError, msgspec.ValidationError) as strange:
            raise ServerFault(
                f"The answer to {self.answer} cannot be read ({strange}). "
                "Use a client and a server of the same version."
            ) from strange
        return value


def page(connection: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a GraphQL connection in the shape of ``results.Page``."""
    info = connection["pageInfo"]
    return {
        "items": [edge["node"] for edge in connection["edges"]],
        "next": info["endCursor"] if info["hasNextPage"] else None,
        "total": connection["totalCount"],
    }
