"""What an operation costs, where an item can be of several kinds but is only ever of one."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    own: int = 0
    choices: list[dict[str, Account]] = field(default_factory=list)
    """For each place where the kind is open: what is asked of each kind alone."""

    def total(self) -> int:
        """Return the most that it can come to: at each place that of the dearest kind."""
        return self.own + sum(
            max((kind.total() for kind in place.values()), default=0) for place in self.choices
        )

    def choice(self) -> dict[str, Account]:
        """Return the accounts of one more place where the kind is open, by kind."""
        self.choices.append({})
        return self.choices[-1]
