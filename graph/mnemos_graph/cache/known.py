"""What this process keeps of one organization.

All of it stands at one position, the one up to which the follower has read the log: it is what the
store held there. A change that is read moves everything on, in one step and before anybody else
hears of it. So whatever is answered from here is one state of the store, never half a change set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mnemos_graph.cache.answers import Answers
from mnemos_graph.cache.bounded import Bounded
from mnemos_graph.cache.collection import Whole
from mnemos_graph.cache.flight import GONE, Flight, version_after
from mnemos_graph.cache.kept import UNKNOWN, Past, Single
from mnemos_graph.cache.questions import (
    KEPT_WHOLE,
    Asked,
    Group,
    groups_of,
    ids_of,
    is_current,
    is_hashable,
)
from mnemos_graph.feed import Follower
from mnemos_graph.model import Access, Change, Record, RecordId, Version
from mnemos_graph.store import Find, Page, VersionRef, page_of


class Known:
    """The ``Watcher`` of one organization's follower."""

    def __init__(self, follower: Follower, bounded: Bounded) -> None:
        self.follower = follower
        self.distrusted = 0
        """Checks up to this number are not believed."""
        self.doubts = 0
        """How often a commit failed."""
        self.turn = 0
        """Grows when everything is let go of, so that what was read before is not kept after."""
        self.flights: set[Flight] = set()
        self.too_large: set[Group] = set()
        """Groups that are not kept whole."""
        self._bounded = bounded
        self._epoch = follower.end.epoch if follower.end else None
        self._single: dict[RecordId, Single] = {}
        self._whole: dict[Group, Whole] = {}
        self._in_whole: dict[RecordId, Whole] = {}
        self._answers = Answers(bounded)
        self._past: dict[VersionRef, Past] = {}

    def changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.scope is None:
                self.empty()  # it does not say any more what was erased
            else:
                self._change(change, Group(change.subject_type, change.scope.partition))
        self._settle()

    def checked(self) -> None:
        epoch = self.follower.end.epoch if self.follower.end else None
        if epoch != self._epoch:
            self._epoch = epoch
            self.empty()
        self._settle()

    def empty(self) -> None:
        """Let go of everything, and of what is being read."""
        self.turn += 1
        self.flights.clear()
        self.too_large.clear()
        for kept in (*self._single.values(), *self._whole.values(), *self._past.values()):
            self._bounded.drop(kept)
        self._single.clear()
        self._whole.clear()
        self._in_whole.clear()
        self._past.clear()
        self._answers.empty()

    def records(self, access: Access, ids: Collection[RecordId]) -> dict[RecordId, Record] | None:
        """Return those of ``ids`` that are live and may be read; None: not all are known."""
        found: dict[RecordId, Record] = {}
        for id_ in ids:
            if (single := self._single.get(id_)) is not None:
                self._bounded.touch(single)
                if single.version == GONE:
                    continue
                record = single.current
            elif (whole := self._in_whole.get(id_)) is not None:
                self._bounded.touch(whole)
                record = None if id_ in whole.stale else whole.records[id_]
            else:
                return None
            if record is None:
                return None
            if access.may_read(record.partition):
                found[id_] = record
        return found

    def page(self, access: Access, question: Find[Any]) -> Page[Any] | None:
        """Return the answer to a question about what is known now; None: it is not known."""
        if not is_current(question):
            return None
        if (ids := ids_of(question)) is not None:
            found = self.records(access, ids)
            return None if found is None else answered(question, found.values())
        if question.kind.KIND in KEPT_WHOLE:
            page = self._from_whole(access, question)
            if page is not None:
                return page
        asked = Asked(question, access.reads)
        return self._answers.get(asked) if is_hashable(asked) else None

    def knows(self, refs: Collection[VersionRef]) -> bool:
        """Return whether all these versions are known."""
        return all(ref in self._past for ref in refs)

    def past(self, ref: VersionRef) -> Version[Record] | None:
        """Return a version, whoever may read it; None: it is not known."""
        kept = self._past.get(ref)
        if kept is None:
            return None
        self._bounded.touch(kept)
        return kept.version

    def lacking(self, question: Find[Any]) -> Sequence[Group]:
        """Return what should be kept whole for the next question of the kind, and is not."""
        if question.kind.KIND not in KEPT_WHOLE or not is_current(question) or ids_of(question):
            return ()
        kept = self._whole.keys() | self.too_large
        return [
            each for each in groups_of(question) if each.partition is not None and each not in kept
        ]

    def stale(self, question: Find[Any]) -> Sequence[Whole]:
        """Return the collections of which something must be read again for such a question."""
        found = (self._whole.get(each) for each in groups_of(question))
        return [each for each in found if each is not None and each.stale]

    def own(self, record: Record) -> None:
        """Have at hand what this process committed, for when the log tells of it."""
        single, whole = self._single.get(record.id), self._in_whole.get(record.id)
        before = whole.records.get(record.id) if whole else None
        version = single.version if single else before.version if before else UNKNOWN
        self._hold(Single(record.id, record, version, self._single))

    def keep_past(self, found: Mapping[VersionRef, Version[Any]]) -> None:
        """Keep versions, which do not change any more."""
        for ref, version in found.items():
            if version.record.LOGGED and ref not in self._past:
                self._past[ref] = kept = Past(ref, version, self._past)
                self._bounded.add(kept)

    def _from_whole(self, access: Access, question: Find[Any]) -> Page[Any] | None:
        candidates: list[Record] = []
        for group in dict.fromkeys(groups_of(question)):
            whole = self._whole.get(group)
            if whole is None or whole.stale:
                return None
            self._bounded.touch(whole)
            if group.partition is not None and access.may_read(group.partition):
                candidates += whole.candidates(question.where)
        return page_of(question, candidates)

    def _change(self, change: Change, group: Group) -> None:
        for flight in self.flights:
            flight.touch(change, group)
        self._answers.change(group)
        id_, version = change.subject_id, version_after(change)
        single, whole = self._single.get(id_), self._whole.get(group)
        if single is not None:
            single.version = version
        own = single.current if single else None
        if version == GONE:
            self._leave_whole(id_)
            self._hold(Single(id_, None, GONE, self._single))
        elif whole is not None:
            self._in_whole[id_] = whole
            self._join_whole(whole, id_, own)
        elif single is not None and own is None and single.is_behind:
            self._drop_single(id_)

    def _join_whole(self, whole: Whole, id_: RecordId, record: Record | None) -> None:
        """Take in a record of the group as it is now; None: that has to be read."""
        self._drop_single(id_)
        if record is None:
            whole.stale.add(id_)
        else:
            whole.put(record)
        self._bounded.weigh(whole, whole.nbytes)

    def _leave_whole(self, id_: RecordId) -> None:
        if (whole := self._in_whole.pop(id_, None)) is not None:
            whole.drop(id_)
            self._bounded.weigh(whole, whole.nbytes)

    def _settle(self) -> None:
        """Keep what was answered before the last check, as soon as the log was read up to it."""
        end = self.follower.end
        if end is None or self.follower.head < end.position:
            return
        for flight in tuple(self.flights):
            if flight.landed is not None and flight.landed < self.follower.check:
                self.flights.discard(flight)
                self._keep(flight)

    def _keep(self, flight: Flight) -> None:
        if flight.whole is not None:
            self._keep_whole(flight, flight.whole)
            return
        for record in flight.standing():
            whole = self._whole.get(Group(record.KIND, record.partition))
            if whole is not None:
                self._in_whole[record.id] = whole
                self._join_whole(whole, record.id, record)
                continue
            single = self._single.get(record.id)
            held = single.record if single else None
            if held is None or held.version <= record.version:
                self._hold(Single(record.id, record, record.version, self._single))
        for id_ in flight.asked - flight.records.keys() - flight.touched.keys():
            self._leave_whole(id_)
        for asked, page in flight.pages:
            if flight.untouched(groups_of(asked.question)):
                self._answers.keep(asked, page)

    def _keep_whole(self, flight: Flight, group: Group) -> None:
        if group in self._whole:
            return
        whole = Whole(group, flight.standing(), self._forget_whole)
        for id_, touch in flight.touched.items():
            if touch.group == group and touch.version != GONE and id_ not in whole.records:
                whole.stale.add(id_)
        self._whole[group] = whole
        for id_ in (*whole.records, *whole.stale):
            self._in_whole[id_] = whole
            self._drop_single(id_)
        self._bounded.add(whole)

    def _forget_whole(self, whole: Whole) -> None:
        self._whole.pop(whole.group, None)
        for id_ in (*whole.records, *whole.stale):
            self._in_whole.pop(id_, None)

    def _hold(self, single: Single) -> None:
        self._drop_single(single.id)
        self._single[single.id] = single
        self._bounded.add(single)

    def _drop_single(self, id_: RecordId) -> None:
        if (single := self._single.pop(id_, None)) is not None:
            self._bounded.drop(single)


def answered(question: Find[Any], records: Iterable[Record]) -> Page[Any]:
    """Return the page of a question that names its ids, given the records that have them."""
    return page_of(question, [each for each in records if isinstance(each, question.kind)])
