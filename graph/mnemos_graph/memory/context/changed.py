"""What changed since a position, for a model that was told of the rest before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mnemos_graph.index.partition import moment
from mnemos_graph.memory.context.asking import ContextQuestion
from mnemos_graph.memory.context.gathering import Gathered, always_before, facts_within
from mnemos_graph.memory.context.pieces import Gone, Part, Piece
from mnemos_graph.memory.kinds.types import seen_from
from mnemos_graph.memory.recall.recall import Hit, Recall
from mnemos_graph.memory.selection import conditions
from mnemos_graph.model import (
    Access,
    Block,
    Change,
    ChangeKind,
    Fact,
    Memory,
    Position,
    Record,
    RecordId,
    RecordKind,
)
from mnemos_graph.store import Filter, GraphStore, View, facts_holding, fulfils

R = TypeVar("R", bound=Record)

PAGE = 1_000
MOST_CHANGES = 10_000
"""Entries of the log that one answer looks at; its position says how far it came."""
_NAMED = 20
"""Records that are gone and are named one by one."""
_AT_ONCE = 500
_KINDS = frozenset({RecordKind.MEMORY, RecordKind.FACT, RecordKind.BLOCK})


@dataclass(slots=True)
class _Log:
    """What stands in the log behind a position."""

    position: Position
    last: dict[RecordKind, dict[RecordId, Change]] = field(default_factory=dict)
    """The last change of each record, by kind."""
    erased: int = 0

    def take(self, change: Change) -> None:
        if change.subject_type not in _KINDS:
            return
        if change.kind is ChangeKind.ERASED:
            self.erased += 1
            return
        self.last.setdefault(change.subject_type, {})[change.subject_id] = change


@dataclass(slots=True)
class _News(Generic[R]):
    """Records of one kind that are to be told of, and those that were and are no longer."""

    now: list[R] = field(default_factory=list)
    ended: list[R] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)


class Changes:
    def __init__(self, store: GraphStore, recall: Recall) -> None:
        self._store = store
        self._recall = recall

    async def since(
        self, access: Access, question: ContextQuestion, view: View, since: Position
    ) -> Gathered:
        """Return what began, changed, ended or went after ``since``, the most relevant first.

        Its position is where to go on from. What changed and changed back is not told.
        """
        log = await self._read(access, since)
        recalled = await self._recall.recall(access, question.recalling())
        scope, query = question.scope, question.query
        lasting = (*conditions(view, scope, query), *seen_from(scope, query))
        memories = await self._news(access, log, since, Memory, lasting)
        facts, blocks = _News[Fact](), _News[Block]()
        if question.include_facts:
            holding = (*facts_within(question.scope), *facts_holding(view))
            facts = await self._news(access, log, since, Fact, holding)
        if question.include_blocks:
            before = always_before(question.scope)
            blocks = await self._news(access, log, since, Block, before)
        hits = {hit.memory.id: hit for hit in recalled.hits}
        hits |= {each.id: Hit(each, 0.0, ()) for each in memories.now if each.id not in hits}
        new = {each.id: each for each in sorted(memories.now, key=moment, reverse=True)}
        ranked = [id_ for id_ in hits if id_ in new]
        pieces = [
            *(Piece(Part.BLOCKS, each) for each in blocks.now),
            *(Piece(Part.ENDED, each) for each in (*facts.ended, *memories.ended)),
            *(Piece(Part.STANDING, each) for each in facts.now),
            *_named([*blocks.gone, *facts.gone, *memories.gone], log.erased),
            *(Piece(Part.MEMORIES, new[id_]) for id_ in ranked),
        ]
        found = {id_: hits[id_] for id_ in ranked}
        return Gathered(pieces, found, log.position, recalled.degraded)

    async def _read(self, access: Access, since: Position) -> _Log:
        (head,) = await self._store.heads([access])
        log, seen = _Log(since), 0
        while log.position < head.position and seen < MOST_CHANGES:
            page = await self._store.changes(access, after=log.position, limit=PAGE)
            for change in page:
                log.take(change)
            seen += len(page)
            log.position = page[-1].commit_end if page else head.position
        return log

    async def _news(
        self, access: Access, log: _Log, since: Position, kind: type[R], holding: Filter
    ) -> _News[R]:
        """Compare what is known now of records that changed with what was known at ``since``."""
        changes, news = log.last.get(kind.KIND, {}), _News[R]()
        now = await self._known(access, kind, list(changes))
        was = await self._known(access, kind, list(changes), since)
        for id_, change in changes.items():
            new, old = now.get(id_), was.get(id_)
            held = old is not None and fulfils(old, holding)
            if new is not None and fulfils(new, holding):
                if not held or old is None or _said(new) != _said(old):
                    news.now.append(new)
            elif held:
                _take_leave(news, new, change)
        return news

    async def _known(
        self,
        access: Access,
        kind: type[R],
        ids: Sequence[RecordId],
        known_at: Position | None = None,
    ) -> Mapping[RecordId, R]:
        found: dict[RecordId, R] = {}
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            found |= await self._store.get(access, kind, part, known_at=known_at)
        return found


def _take_leave(news: _News[R], new: R | None, change: Change) -> None:
    """Tell what held: that it ended, where the record says so, or that it is gone."""
    if isinstance(new, (Fact, Memory)) and _has_ended(new):
        news.ended.append(new)
    else:
        news.gone.append(Gone(change.subject_type, change.subject_id, change.at))


def _has_ended(record: Fact | Memory) -> bool:
    if record.valid_to is not None:
        return True
    return isinstance(record, Fact) and record.invalidated_at is not None


def _said(record: Record) -> tuple[object, ...]:
    """Return what a context says of a record: other changes are no news to a model."""
    match record:
        case Memory():
            return (record.told, record.speaker, moment(record))
        case Fact():
            return (record.statement, record.valid_from, record.valid_to)
        case Block():
            return (record.label, record.value)
    return ()


def _named(gone: Sequence[Gone], erased: int) -> Iterator[Piece]:
    """Yield the newest of what is gone by name, and how many there are besides."""
    newest = gone[-_NAMED:]
    yield from (Piece(Part.GONE, each) for each in newest)
    if more := len(gone) - len(newest):
        yield Piece(Part.GONE, Gone(None, count=more))
    if erased:
        yield Piece(Part.GONE, Gone(None, count=erased, erased=True))
