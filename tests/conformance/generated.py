"""Generated histories and questions: few ids, few values, so that everything meets everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mnemos_graph.model import (
    SHARED,
    Access,
    Block,
    Entity,
    Fact,
    FieldType,
    JobInput,
    Memory,
    MemoryType,
    OrganizationId,
    Origin,
    Partition,
    Partitions,
    Position,
    Record,
    RecordId,
    RecordKind,
    Scope,
)
from mnemos_graph.store import (
    LATEST,
    Condition,
    Equal,
    Find,
    HasAll,
    HasPairs,
    HasWords,
    In,
    Order,
    Present,
    Range,
    VersionRef,
    View,
)
from tests.conformance.samples import ANN, BOB, EPOCH, EVERYONE, block, day, entity, fact, memory

ORGANIZATIONS = [OrganizationId(name) for name in ("acme", "acme", "acme", "acme", "globex")]
MEMORIES, PEOPLE, FACTS, BLOCKS, INPUTS = (
    [RecordId(f"{name}-{n}") for n in range(count)]
    for name, count in [("memory", 4), ("person", 6), ("fact", 5), ("block", 2), ("input", 2)]
)
IDS = [*MEMORIES, *PEOPLE, *FACTS, *BLOCKS, *INPUTS]
KINDS: Mapping[str, type[Record]] = {
    "memory": Memory,
    "person": Entity,
    "fact": Fact,
    "block": Block,
    "input": JobInput,
}
SCOPES = [ANN, ANN, ANN, ANN, BOB, EVERYONE, Scope("ann", "agent", "session")]
TEXTS = ["tea", "coffee tea", "Coffee, a cup 茶", "…"]
METADATA: list[dict[str, Any]] = [{}, {"n": 1}, {"n": True}, {"n": None, "o": {"p": [1.5]}}]
instants = st.sampled_from([None, day(1), day(2), day(3)])


@dataclass(frozen=True)
class Writing:
    """A put whose version is decided when its turn comes: the next one, plus ``skew``."""

    record: Record
    skew: int
    reason: str


@dataclass(frozen=True)
class Ending:
    """A deletion, or an erasure, of whatever version is there then."""

    kind: RecordKind
    id: RecordId
    skew: int
    erase: bool


@dataclass(frozen=True)
class Fencing:
    partition: Partition


@dataclass(frozen=True)
class Commit:
    access: Access
    steps: tuple[Writing | Ending | Fencing, ...]
    began: Position | None


@dataclass(frozen=True)
class Question:
    """Everything that can be asked at one moment."""

    access: Access
    kind: type[Record]
    find: Find[Record]
    ids: list[RecordId]
    refs: list[VersionRef]
    view: View
    after: Position
    limit: int
    hops: int


def some(values: list[Any], most: int = 2) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


@st.composite
def accesses(draw: st.DrawFn) -> Access:
    """Mostly one organization's whole access, so that most of what is told and asked succeeds."""
    bounds: list[Partitions | frozenset[Partition]] = [
        *[Partitions.ALL] * 10,
        Partitions.NONE,
        frozenset({Partition("ann")}),
        frozenset({SHARED, Partition("bob")}),
    ]
    reads, writes = draw(st.sampled_from(bounds)), draw(st.sampled_from(bounds))
    return Access(draw(st.sampled_from(ORGANIZATIONS)), "tester", reads, writes)


@st.composite
def records(draw: st.DrawFn) -> Record:
    id_ = draw(st.sampled_from(IDS))
    base: dict[str, Any] = {
        "id": id_,
        "scope": draw(st.sampled_from(SCOPES)),
        "created_at": day(draw(st.integers(0, 3))),
        "updated_at": EPOCH,
    }
    return draw(_OF_KIND[id_.split("-")[0]](base))


def _memories(base: dict[str, Any]) -> SearchStrategy[Record]:
    return st.builds(
        memory,
        st.sampled_from(TEXTS),
        tags=some(["x", "y", "z"]),
        importance=st.sampled_from([0.1, 0.5, 1.0]),
        type=st.sampled_from([MemoryType.CORE, MemoryType.SEMANTIC]),
        metadata=st.sampled_from(METADATA),
        valid_to=instants,
        origin=st.sampled_from(list(Origin)),
        entity_ids=some(PEOPLE, 1),
        superseded_by=st.sampled_from([None, None, *MEMORIES]),
        **{name: st.just(value) for name, value in base.items()},
    )


def _people(base: dict[str, Any]) -> SearchStrategy[Record]:
    return st.builds(
        Entity,
        name=st.sampled_from(["Ann", "Bob", "Eve", "ANN"]),
        aliases=some(["A", "B"]),
        merged_into=st.sampled_from([None, None, None, *PEOPLE]),
        **{name: st.just(value) for name, value in base.items()},
    )


def _facts(base: dict[str, Any]) -> SearchStrategy[Record]:
    return st.builds(
        Fact,
        subject_id=st.sampled_from(PEOPLE),
        predicate=st.sampled_from(["knows", "likes"]),
        object_id=st.sampled_from([None, *PEOPLE]),
        value=st.just("value"),
        statement=st.sampled_from(TEXTS),
        valid_from=instants,
        valid_to=instants,
        invalidated_at=st.sampled_from([None, None, day(2)]),
        **{name: st.just(value) for name, value in base.items()},
    )


def _blocks(base: dict[str, Any]) -> SearchStrategy[Record]:
    return st.builds(lambda label: block(label, **base), st.sampled_from(["a", "b"]))


def _inputs(base: dict[str, Any]) -> SearchStrategy[Record]:
    return st.just(JobInput(**base, job_id="job", payload={"n": 1}))


_OF_KIND = {
    "memory": _memories,
    "person": _people,
    "fact": _facts,
    "block": _blocks,
    "input": _inputs,
}
_skews = st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1])
_endings = st.builds(
    lambda id_, skew, erase: Ending(KINDS[id_.split("-")[0]].KIND, id_, skew, erase),
    st.sampled_from(IDS),
    _skews,
    st.sampled_from([False, False, True]),
)
_writings = st.builds(Writing, records(), _skews, st.sampled_from(["", "because"]))
_fencings = st.builds(Fencing, st.sampled_from([SHARED, Partition("ann"), Partition("bob")]))
_steps = st.one_of(_writings, _writings, _writings, _writings, _endings, _fencings)
positions = st.integers(10, 40).map(Position)
commits = st.builds(
    Commit,
    accesses(),
    st.lists(_steps, min_size=1, max_size=4).map(tuple),
    st.one_of(st.none(), st.none(), positions),
)


def conditions(kind: type[Record]) -> SearchStrategy[Condition]:
    """Every form of condition on every field that the kind declares."""
    forms: list[SearchStrategy[Condition]] = [
        st.builds(HasWords, st.sampled_from(["tea", "tea, coffee!", "茶", ""]))
    ]
    for field, of in kind.INDEXED.items():
        forms.append(st.builds(Present, st.just(field), st.booleans()))
        if of is FieldType.TEXTS:
            forms.append(st.builds(HasAll, st.just(field), some(["x", "y", "ann", *PEOPLE])))
        elif of is FieldType.OBJECT:
            forms.append(st.builds(HasPairs, st.just(field), st.sampled_from(METADATA)))
        else:
            values = _VALUES[of]
            forms.append(st.builds(Equal, st.just(field), st.sampled_from(values)))
            forms.append(st.builds(In, st.just(field), some(values, 3)))
        if of in {FieldType.NUMBER, FieldType.INSTANT}:
            bounds = st.sampled_from(_VALUES[of])
            forms.append(
                st.builds(Range, st.just(field), bounds, bounds, bounds, bounds, st.booleans())
            )
    return st.one_of(forms)


_VALUES: Mapping[FieldType, list[Any]] = {
    FieldType.TEXT: [None, "ann", "bob", "core", "knows", *IDS[:8]],
    FieldType.NUMBER: [None, 0.1, 0.5, 1],
    FieldType.INSTANT: [None, EPOCH, day(1), day(2)],
    FieldType.FLAG: [None, True, False],
}


@st.composite
def finds(draw: st.DrawFn) -> Find[Record]:
    kind = draw(st.sampled_from([*KINDS.values()]))
    scalar = [name for name, of in kind.INDEXED.items() if of in _VALUES]
    return Find(
        kind,
        tuple(draw(st.lists(conditions(kind), max_size=2))),
        Order(draw(st.sampled_from(scalar)), draw(st.booleans())),
        first=draw(st.sampled_from([1, 3, 100])),
        known_at=draw(st.one_of(st.none(), positions)),
        count_to=draw(st.sampled_from([0, 2, 50])),
    )


questions = st.builds(
    Question,
    accesses(),
    st.sampled_from([*KINDS.values(), Record]),
    finds(),
    st.lists(st.sampled_from(IDS), unique=True, max_size=6),
    st.lists(st.builds(VersionRef, st.sampled_from(IDS), st.sampled_from([LATEST, 1, 2, 3]))),
    st.builds(View, st.sampled_from([day(0), day(1), day(2.5)]), st.one_of(st.none(), positions)),
    positions,
    st.sampled_from([1, 2, 3, 50]),
    st.integers(0, 3),
)
BEGINNING = Commit(
    Access(ORGANIZATIONS[0], "tester"),
    (
        *(Writing(entity(id_, id=id_), 0, "") for id_ in PEOPLE),
        *(Writing(memory(f"{id_} tea", id=id_, tags=("x",)), 0, "") for id_ in MEMORIES),
        *(
            Writing(fact(entity(id=one), "knows", entity(id=other), id=id_), 0, "")
            for id_, one, other in zip(FACTS, PEOPLE, PEOPLE[1:], strict=False)
        ),
    ),
    None,
)
"""What every history begins with: people who know each other, and something remembered."""

histories = st.lists(
    st.tuples(
        st.lists(commits, min_size=1, max_size=5), st.lists(questions, min_size=1, max_size=4)
    ),
    min_size=3,
    max_size=10,
)
