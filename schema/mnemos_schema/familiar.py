"""A bounded memory in which what is asked for again is safe from what is asked for once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Familiar(Generic[K, V]):
    """Keeps the last ``most`` values that were looked up again, and a quarter as many new ones.

    A flood of new keys only drives out other new keys.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[K, V] = OrderedDict()
        self._new: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known) + len(self._new)

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

    def forget_one(self) -> bool:
        """Forget the value least worth keeping; return whether there was one."""
        for kept in (self._new, self._known):
            if kept:
                kept.popitem(last=False)
                return True
        return False

    def values(self) -> list[V]:
        return [*self._new.values(), *self._known.values()]
