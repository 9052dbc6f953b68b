"""A bounded memory in which what is asked for again is safe from what is asked for once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Familiar(Generic[K, V]):
    """Keeps the last ``most`` values that were looked up again, and a quarter as many new ones.

    A flood of new keys only drives out other new keys.
    """

    def __init__(self, most: int, most_weight: int, weigh: Callable[[V], int]) -> None:
        """``most_weight``: of all values together, as ``weigh`` finds them when one is added."""
        self._most = most
        self._most_weight = most_weight
        self._weigh = weigh
        self._known: OrderedDict[K, V] = OrderedDict()
        self._new: OrderedDict[K, V] = OrderedDict()

    @property
    def weight(self) -> int:
        return sum(self._weigh(each) for kept in (self._new, self._known) for each in kept.values())

    def __contains__(self, key: K) -> bool:
        return key in self._known or key in self._new

    def get(self, key: K) -> V | None:
        """Return what is kept under ``key``, which is familiar from now on."""
        if (value := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return value
        if (value := self._new.pop(key, None)) is None:
            return None
        self._known[key] = value
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value under a key that was not found."""
        self._new[key] = value
        if len(self._new) > max(1, self._most // 4):
            self._new.popitem(last=False)
        over = self.weight - self._most_weight
        while over > 0 and (kept := self._new or self._known):
            over -= self._weigh(kept.popitem(last=False)[1])
