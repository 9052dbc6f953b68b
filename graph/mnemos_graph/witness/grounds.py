"""Whether an answer that was made would still be the same.

Each organization's log is followed. It tells when each group of records changed last, so an answer
stands as long as nothing that it was taken from has changed, the log was looked at a moment ago, and
no instant has come at which something in it begins or ends by itself.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mnemos_graph.cache.questions import Group
from mnemos_graph.cache.tasks import Tasks
from mnemos_graph.errors import MnemosError
from mnemos_graph.feed import Feed, Follower, cursor
from mnemos_graph.model import (
    Change,
    ChangeKind,
    Head,
    OrganizationId,
    Position,
    Record,
    RecordId,
)
from mnemos_graph.store import ChangeSet, GraphStore, Put
from mnemos_graph.witness.calendar import Calendar
from mnemos_graph.witness.witness import Witness

FRESH_SECONDS = 2.0
"""How long ago the check of where the log ends may have been sent."""
MOST_GROUPS = 10_000
"""Groups whose last change is known by itself; of the others it is that of the latest forgotten."""
MOST_CALENDARS = 2_000
MOST_OWN = 1_000
"""Records that this process committed and that the log has not told of yet."""

log = logging.getLogger(__name__)


class Ground:
    """The ``Watcher`` of one organization's log: what changed when."""

    def __init__(self, follower: Follower, forgotten: Callable[[OrganizationId], None]) -> None:
        self.follower = follower
        self.era = 0
        """Grows where nothing that was answered before may be told again."""
        self.floor = follower.head
        """No group that is not in ``changes`` changed after this."""
        self.changes: OrderedDict[Group, Position] = OrderedDict()
        self._forgotten = forgotten
        self._epoch = follower.end.epoch if follower.end else None
        self._calendars: OrderedDict[Group, Calendar] = OrderedDict()
        self._own: dict[tuple[RecordId, int], Record] = {}

    def changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.scope is None:
                self._forget()  # it does not say any more what was erased
                continue
            for group in (
                Group(change.subject_type, change.scope.partition),
                Group(change.subject_type, None),
            ):
                self.changes[group] = change.position
                self.changes.move_to_end(group)
                if calendar := self._calendars.get(group):
                    self._tell(calendar, change)
            self._own.pop((change.subject_id, change.version), None)
        while len(self.changes) > MOST_GROUPS:
            _, self.floor = self.changes.popitem(last=False)

    def checked(self) -> None:
        epoch = self.follower.end.epoch if self.follower.end else None
        if epoch != self._epoch:
            self._epoch = epoch
            self._forget()

    def own(self, record: Record) -> None:
        """Have at hand what this process committed, for when the log tells of it."""
        if len(self._own) >= MOST_OWN:
            self._own.clear()
        self._own[record.id, record.version] = record

    def calendar(self, group: Group) -> Calendar:
        calendar = self._calendars.get(group)
        if calendar is None:
            calendar = Calendar(self.follower.organization, group)
            self._calendars[group] = calendar
            if len(self._calendars) > MOST_CALENDARS:
                self._calendars.popitem(last=False)
        self._calendars.move_to_end(group)
        return calendar

    def _tell(self, calendar: Calendar, change: Change) -> None:
        own = self._own.get((change.subject_id, change.version))
        if own is None and change.kind is not ChangeKind.DELETED:
            calendar.touched.add(change.subject_id)
        else:
            calendar.know(change.subject_id, own)

    def _forget(self) -> None:
        self.era += 1
        self._calendars.clear()
        self._own.clear()
        self._forgotten(self.follower.organization)


@dataclass(slots=True)
class Basis:
    """What an answer stands on."""

    ground: Ground
    era: int
    position: Position
    """Nothing of ``groups`` has changed between the answer's making and this."""
    groups: tuple[Group, ...]
    whole: bool
    until: datetime | None
    """The first instant at which it may be another by itself."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that is being made, and who notes what it rests on."""

    ground: Ground
    era: int
    witness: Witness


class Grounds:
    """The ground of each organization. It belongs to the event loop that uses it."""

    def __init__(self, feed: Feed, store: GraphStore, clock: Callable[[], datetime]) -> None:
        self.on_forgotten: Callable[[OrganizationId], None] = lambda _: None
        """Called where what was answered an organization must not stay, as after an erasure."""
        self._feed = feed
        self._store = store
        self._clock = clock
        self._tasks = Tasks()
        self._of: dict[OrganizationId, Ground] = {}

    @property
    def heard(self) -> bool:
        """Whether the changes of other processes are heard of; if not, nothing should be kept."""
        return self._feed.hears_others

    async def begin(self, organization: OrganizationId) -> Begun | None:
        """Return a witness for an answer that begins now; None: it could not be kept anyway."""
        ground = self._of.get(organization)
        if ground is None or ground.follower.closed:
            try:
                ground = await self._tasks.join(organization, lambda: self._open(organization))
            except MnemosError:
                return None
            except Exception:
                log.exception("the log cannot be followed, so that answers are not kept")
                return None
        return Begun(ground, ground.era, Witness(ground.follower.head))

    async def basis(self, begun: Begun) -> Basis | None:
        """Return what an answer stands on, now that it was made; None: it is not to be kept."""
        witness = begun.witness
        witness.done = True
        if witness.refused or not witness.vouched:
            return None
        try:
            until = await self._until(begun)
        except MnemosError as away:
            log.info("an answer is not kept: %s", away)
            return None
        except Exception:
            log.exception("an answer is not kept")
            return None
        return Basis(
            begun.ground,
            begun.era,
            witness.position,
            tuple(witness.groups),
            witness.whole,
            until,
        )

    def stands(self, basis: Basis) -> bool:
        """Return whether the same question would now be answered the same."""
        ground = basis.ground
        follower, head = ground.follower, ground.follower.head
        if ground.era != basis.era or follower.closed or head < follower.known:
            return False
        if self._feed.clock() - follower.checked_at >= FRESH_SECONDS:
            return False
        if head != basis.position:
            changes, floor = ground.changes, ground.floor
            if basis.whole or any(
                changes.get(each, floor) > basis.position for each in basis.groups
            ):
                return False
            basis.position = head
        return basis.until is None or self._clock() < basis.until

    def reaches(self, basis: Basis, after: str) -> bool:
        """Return whether the log was read here up to a client's cursor; no, where it is none."""
        follower = basis.ground.follower
        if follower.end is None:
            return False
        head = Head(follower.end.epoch, follower.head, follower.end.began)
        try:
            cursor.decode(follower.organization, head, after)
        except MnemosError:
            return False
        return True

    def committed(
        self, organization: OrganizationId, change_set: ChangeSet, position: Position
    ) -> None:
        """Take note of what this process committed: nothing older is answered from now on."""
        ground = self._of.get(organization)
        if ground is None:
            return
        if ground.follower.head < position:
            for each in change_set.operations:
                if isinstance(each, Put) and "valid_from" in each.record.INDEXED:
                    ground.own(each.record)
        ground.follower.hint(position)

    async def close(self) -> None:
        await self._tasks.close()

    async def _open(self, organization: OrganizationId) -> Ground:
        follower = await self._feed.open(organization)
        ground = self._of[organization] = Ground(follower, self._forget)
        follower.watch(ground)
        return ground

    def _forget(self, organization: OrganizationId) -> None:
        self.on_forgotten(organization)

    async def _until(self, begun: Begun) -> datetime | None:
        witness, first = begun.witness, None
        if not witness.timed:
            return None
        began = min(witness.instants)
        for group in witness.timed:
            at = await begun.ground.calendar(group).next(self._store, began)
            if at is not None and (first is None or at < first):
                first = at
        return first
