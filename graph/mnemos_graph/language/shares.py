"""What several processes may use of a model together."""

from __future__ import annotations

from typing import Protocol


class Shares(Protocol):
    """What several processes may use in a minute, by name; it fills evenly as the minute goes by."""

    async def draw(self, name: str, a_minute: float, amount: float) -> float:
        """Take an amount and return 0; or return the seconds until it is there, and take nothing.

        Whoever wants more than there is in a minute waits until it is full, and leaves a debt.

        Raises:
            MnemosError: nobody can tell now.
        """
        ...

    async def give_back(self, name: str, a_minute: float, amount: float) -> None:
        """Give back what was not used; or, below 0, use more than was taken.

        Raises:
            MnemosError: nobody can tell now.
        """
        ...
