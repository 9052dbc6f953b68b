"""What is kept in memory, bounded in bytes: what was not used for longest goes first."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from mnemos_graph.model import RECORD_TYPES, Record, Scope

_FLAT = frozenset({str, int, float, bytes, datetime})
_SHARED = (bool, Enum)
_OURS = (Record, Scope)
_NAMES: Mapping[type, Sequence[str]] = {
    kind: tuple(each.name for each in fields(kind)) for kind in (*RECORD_TYPES.values(), Scope)
}


class Weighed:
    """Something that is kept. It is looked up elsewhere, and removes itself from there."""

    __slots__ = ("weight",)

    weight: int
    """Bytes, about."""

    def forget(self) -> None:
        raise NotImplementedError


class Bounded:
    """The order in which what is kept was last used. Everything in it belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.nbytes = 0
        self._order: OrderedDict[Weighed, None] = OrderedDict()

    def add(self, kept: Weighed) -> None:
        """Keep one more, and forget as many of the others as that needs; itself, if it is too big."""
        self._order[kept] = None
        self.nbytes += kept.weight
        self._bound()

    def touch(self, kept: Weighed) -> None:
        """Take note that it was used."""
        self._order.move_to_end(kept)

    def drop(self, kept: Weighed) -> None:
        """Let go of what was removed from where it is looked up."""
        if kept in self._order:
            del self._order[kept]
            self.nbytes -= kept.weight

    def weigh(self, kept: Weighed, weight: int) -> None:
        """Take note that something that is kept became heavier or lighter."""
        if kept in self._order:
            self.nbytes += weight - kept.weight
            kept.weight = weight
            self._bound()

    def _bound(self) -> None:
        while self.nbytes > self.most and self._order:
            oldest, _ = self._order.popitem(last=False)
            self.nbytes -= oldest.weight
            oldest.forget()


def weight_of(value: Any) -> int:
    """Return about how many bytes a record, or a part of one, takes, without what all share."""
    if type(value) in _FLAT:
        return sys.getsizeof(value)
    if value is None or isinstance(value, _SHARED) or value == ():
        return 0
    if isinstance(value, _OURS):
        held = sum(weight_of(getattr(value, name)) for name in _NAMES[type(value)])
        return sys.getsizeof(value) + held
    if isinstance(value, Mapping):
        inner = sum(weight_of(key) + weight_of(each) for key, each in value.items())
        return sys.getsizeof(value) + inner
    if isinstance(value, tuple | list):
        return sys.getsizeof(value) + sum(map(weight_of, value))
    return sys.getsizeof(value)
