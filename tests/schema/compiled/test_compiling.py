"""What is compiled, when, and for how long it is kept."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLSchema, parse
from strawberry.extensions import SchemaExtension

from mnemos_schema.compiled.objects import Compiler
from mnemos_schema.compiled.plans import AT_ONCE, Plan, Plans
from mnemos_schema.compiled.source import NotCompiled, Source, attribute, quoted
from mnemos_schema.execution import Execution


@strawberry.type
class Item:
    name: str
    size: int

    @strawberry.field
    def twice(self) -> int:
        return self.size * 2


@strawberry.type
class Shelf:
    """A shelf that remembers whether its items were looked at one by one."""

    items: list[Item]


@strawberry.type
class Query:
    @strawberry.field
    def shelf(self, info: strawberry.Info[Any, None]) -> Shelf:
        return Shelf(items=[Item(name=f"n{i}", size=i) for i in range(info.context)])


SCHEMA = strawberry.Schema(Query, execution_context_class=Execution)
ITEMS = "{ shelf { items { name size } } }"


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the fields that the stock executor executes, with those to come."""
    found: list[str] = []
    stock = Execution.__mro__[1].execute_field  # type: ignore[attr-defined]

    def execute_field(self: Any, parent: Any, source: Any, selected: Any, *rest: Any) -> Any:
        found.append(selected[0].node.name.value)
        return stock(self, parent, source, selected, *rest)

    monkeypatch.setattr(Execution.__mro__[1], "execute_field", execute_field)
    return found


def ask(document: DocumentNode | str, count: int = 2, **variables: Any) -> Any:
    """Return the data of an answer over ``count`` items."""
    parsed = parse(document) if isinstance(document, str) else document
    executor = Execution.build(SCHEMA._schema, parsed, None, count, variables)
    assert isinstance(executor, Execution), executor
    result: Any = executor.execute_operation()
    assert result.errors is None
    return result.data


def test_the_second_execution_of_a_document_looks_at_no_plain_field(looked: list[str]) -> None:
    document = parse(ITEMS)
    first = ask(document)
    assert looked == ["shelf", "items", "name", "size", "name", "size"]
    looked.clear()
    assert (
        ask(document)
        == first
        == {"shelf": {"items": [{"name": "n0", "size": 0}, {"name": "n1", "size": 1}]}}
    )
    assert looked == ["shelf"]


def test_a_long_list_is_compiled_the_first_time(looked: list[str]) -> None:
    assert len(ask(ITEMS, AT_ONCE)["shelf"]["items"]) == AT_ONCE
    assert looked == ["shelf", "items"]


def test_beside_a_resolver_only_it_is_executed(looked: list[str]) -> None:
    document = parse("{ shelf { items { name twice size } } }")
    ask(document, 1)
    looked.clear()
    items = ask(document, 1)["shelf"]["items"]
    assert [list(item.items()) for item in items] == [[("name", "n0"), ("twice", 0), ("size", 0)]]
    assert looked == ["shelf", "items", "twice"]


def test_what_variables_leave_out_is_no_part_of_what_they_do_not() -> None:
    document = parse("query ($a: Boolean!) { shelf { items { name size @include(if: $a) } } }")
    for _ in range(3):
        assert ask(document, 1, a=True)["shelf"]["items"] == [{"name": "n0", "size": 0}]
        assert ask(document, 1, a=False)["shelf"]["items"] == [{"name": "n0"}]


def test_what_a_fragment_begins_alike_goes_on_as_each_place_says() -> None:
    document = parse(
        "{ one: shelf { items { ...F size twice } } two: shelf { items { ...F again: size } } "
        "three: shelf { items { ...F twice } } } fragment F on Item { name is: name }"
    )
    for _ in range(2):
        data = ask(document, 1)
        found = {place: list(shelf["items"][0]) for place, shelf in data.items()}
        assert found == {
            "one": ["name", "is", "size", "twice"],
            "two": ["name", "is", "again"],
            "three": ["name", "is", "twice"],
        }


def test_an_event_of_a_stream_leaves_nothing_to_the_next() -> None:
    executor = Execution.build(SCHEMA._schema, parse(ITEMS), None, AT_ONCE)
    assert isinstance(executor, Execution)
    for _ in range(3):
        event = executor.build_per_event_executor(None)
        event.execute_operation()
        assert not executor._objects
        assert not executor._fields


def test_too_many_conditions_are_left_to_the_stock_executor(looked: list[str]) -> None:
    names = [f"v{n}" for n in range(7)]
    head = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @skip(if: ${name})" for name in names)
    document = parse(f"query ({head}) {{ shelf {{ items {{ {fields} }} }} }}")
    for _ in range(2):
        looked.clear()
        ask(document, 1, **dict.fromkeys(names, False))
    assert looked.count("name") == len(names)


async def test_an_extension_that_resolves_is_shown_every_field() -> None:
    shown: list[str] = []

    class Watching(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            shown.append(info.field_name)
            return _next(root, info, *args, **kwargs)

    watched = strawberry.Schema(Query, extensions=[Watching], execution_context_class=Execution)
    for _ in range(3):
        shown.clear()
        result = await watched.execute(ITEMS, context_value=AT_ONCE)
        assert result.errors is None
    assert shown == ["shelf", "items", *("name", "size") * AT_ONCE]


@pytest.mark.parametrize("name", ["a'b", "a b", "a\n", "", "1a", "é", "a}", "__import__('os')"])
def test_only_names_come_into_the_text_of_a_function(name: str) -> None:
    for let_through in (quoted, attribute):
        with pytest.raises(NotCompiled):
            let_through(name)


def test_no_attribute_is_a_word_of_python() -> None:
    assert quoted("class") == "'class'"
    with pytest.raises(NotCompiled):
        attribute("class")


def test_a_function_has_nothing_of_python_but_what_is_bound_to_it() -> None:
    with pytest.raises(NameError):
        Source(10).function("len(v0)")([])


def test_a_function_is_not_longer_than_it_may_be() -> None:
    source = Source(2)
    source.line("v1 = v0")
    source.line("v2 = v1")
    with pytest.raises(NotCompiled):
        source.line("v3 = v2")


def write(_: Compiler) -> Any:
    return list


def test_a_flood_of_documents_drives_out_none_that_is_used_again() -> None:
    plans, schema = Plans(8), SCHEMA._schema
    known = parse(ITEMS)
    plan = plans.of(schema, known)
    assert plans.of(schema, known) is plan
    flood = [parse(ITEMS) for _ in range(100)]
    for document in flood:
        plans.of(schema, document)
    assert plans.of(schema, known) is plan


def test_plans_are_forgotten_before_they_are_too_long_together() -> None:
    plans = Plans(100, most_lines=300)
    for _ in range(50):
        document = parse(ITEMS)
        plan_of(plans, document)
        last = plan_of(plans, document)
        assert plans.lines <= 300 + last.lines


def plan_of(plans: Plans, document: DocumentNode) -> Plan:
    """Return a document's plan, with ten positions in it."""
    schema: GraphQLSchema = SCHEMA._schema
    plan = plans.of(schema, document)
    executor = Execution.build(schema, document, None, 1)
    assert isinstance(executor, Execution)
    for n in range(10):
        plan.find(executor, (n,), write)
    return plan


def test_what_stands_before_a_resolver_is_read_together(looked: list[str]) -> None:
    document = parse("{ shelf { items { name size twice again: size } } }")
    ask(document, 1)
    looked.clear()
    (item,) = ask(document, 1)["shelf"]["items"]
    assert list(item.items()) == [("name", "n0"), ("size", 0), ("twice", 0), ("again", 0)]
    assert looked == ["shelf", "items", "twice"]
