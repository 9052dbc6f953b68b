"""What recognises the things that a watch is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mnemos_graph.memory.watching.appearing import Appeared


class Eye(Protocol):
    async def sees(self, appeared: Sequence[Appeared]) -> Mapping[int, float | None]:
        """Return the places in ``appeared`` of what is watched for, each with its score if any.

        Raises:
            MnemosError: the store cannot be read.
        """
        ...
