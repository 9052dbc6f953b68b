"""What is known of a document, and for how long."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import strawberry
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from mnemos_schema import documents
from mnemos_schema.cost import Bill
from mnemos_schema.documents import Known
from mnemos_schema.familiar import Familiar
from mnemos_schema.hooks import HooksRunner
from mnemos_schema.scalars import rfc3339
from tests.serving import Client

PAGE = "query ($n: Int!) { memories(first: $n) { edges { node { facts { id } } } } }"


class Weighed:
    """Counts how often a document is weighed."""

    def __init__(self, bill: Any) -> None:
        self._bill = bill
        self.times = 0

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.times += 1
        return self._bill(*given, **named)


async def test_a_document_is_weighed_again_only_where_page_sizes_are_others(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed, page = Weighed(Bill), PAGE.replace("query", f"query Of{uuid4().hex}")
    monkeypatch.setattr(documents, "Bill", weighed)
    for n in (2, 3, 2, 3, 2):
        await client.ask(page, n=n)
    assert weighed.times == 2


async def test_what_passed_with_small_pages_is_still_too_much_with_large_ones(
    client: Client,
) -> None:
    wide = "query ($n: Int!) { memories(first: $n) { edges { node { facts(first: $n) { id } } } } }"
    wider = wide.replace("id", "id statement predicate")
    for _ in range(2):
        await client.ask(wider, n=2)
        (error,) = (await client.send(wider, n=100))["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_the_variables_that_sized_a_document_before_still_do() -> None:
    known = Known(parse("{ a }"), 5)
    known.let_pass({"n": 1, "m": 1}, {"n"}, may_introspect=True)
    assert known.has_passed({"n": 1, "m": 2}, may_introspect=True)
    known.let_pass({"n": 1, "m": 1}, {"m"}, may_introspect=True)
    assert known.has_passed({"n": 1, "m": 1}, may_introspect=True)
    assert not known.has_passed({"n": 1, "m": 2}, may_introspect=True)
    assert not known.has_passed({"n": 2, "m": 1}, may_introspect=True)
    assert not known.has_passed({"n": 1, "m": 1}, may_introspect=False)


def test_sizes_that_cannot_be_compared_are_weighed_each_time() -> None:
    known = Known(parse("{ a }"), 5)
    for value in ([1], {"first": [1]}):
        known.let_pass({"n": value}, {"n"}, may_introspect=True)
        assert not known.has_passed({"n": value}, may_introspect=True)


def test_what_is_asked_for_again_outlives_a_flood() -> None:
    kept: Familiar[int, str] = Familiar(4, 1_000, len)
    kept.put(-1, "again")
    assert kept.get(-1) == "again"
    for n in range(100):
        kept.put(n, "once")
    assert kept.get(-1) == "again"
    assert kept.get(99) == "once"
    assert kept.get(0) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40))))
def test_what_is_kept_never_weighs_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    kept: Familiar[int, str] = Familiar(4, 100, len)
    for key, weight in puts:
        if kept.get(key) is None:
            kept.put(key, "x" * weight)
        assert kept.weight <= 100


class Noting(SchemaExtension):
    notes: list[str]

    def on_execute(self) -> Any:
        self.notes.append(f"{type(self).__name__} in")
        try:
            yield
        finally:
            self.notes.append(f"{type(self).__name__} out")


class Second(Noting):
    pass


class Plain(Noting):
    def on_execute(self) -> Any:
        self.notes.append("plain")


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        ((Noting,), "Noting in, body, Noting out"),
        ((Noting, Second), "Noting in, Second in, body, Second out, Noting out"),
        ((Noting, Plain), "Noting in, plain, body, Noting out"),
        ((), "body"),
    ],
)
async def test_hooks_are_entered_in_order_and_left_in_reverse(
    kinds: tuple[type[Noting], ...], order: str
) -> None:
    notes: list[str] = []
    extensions: list[SchemaExtension] = [kind() for kind in kinds]
    for each in extensions:
        vars(each)["notes"] = notes
    context: Any = ExecutionContext(None, strawberry.Schema(Empty), ())
    with pytest.raises(ZeroDivisionError):
        await fail_within(HooksRunner(context, extensions), notes)
    assert ", ".join(notes) == order


def test_hooks_are_entered_without_a_loop_too() -> None:
    notes: list[str] = []
    extension = Noting()
    extension.notes = notes
    context: Any = ExecutionContext(None, strawberry.Schema(Empty), ())
    with HooksRunner(context, [extension]).executing():
        notes.append("body")
    assert notes == ["Noting in", "body", "Noting out"]


async def fail_within(runner: HooksRunner, notes: list[str]) -> None:
    async with runner.executing():
        notes.append("body")
        raise ZeroDivisionError


@strawberry.type
class Empty:
    nothing: int


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_is_written_as_python_would(instant: Any) -> None:
    try:
        written = instant.astimezone(rfc3339.__globals__["UTC"])
    except OverflowError:
        return
    text = written.isoformat().removesuffix("+00:00") + "Z"
    assert rfc3339(written) == rfc3339(instant) == text
