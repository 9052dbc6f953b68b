"""The operations that both clients have, written once.

Each attribute is a call builder of ``mnemos.client.calls``; the client that it is read from carries
the call out, at once or awaited, with the builder's own arguments and docstring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from mnemos.client.call import Call
from mnemos.client.calls import graph, keeping, keys, telling, upkeep, ways

P = ParamSpec("P")
T = TypeVar("T")


class Carries(Protocol):
    """A client that carries calls out at once."""

    def carry_out(self, call: Call[T]) -> T: ...


class CarriesLater(Protocol):
    """A client whose answers are awaited."""

    def carry_out(self, call: Call[T]) -> Awaitable[T]: ...


class Operation(Generic[P, T]):
    def __init__(self, build: Callable[P, Call[T]]) -> None:
        self._build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Operation[P, T]: ...
    @overload
    def __get__(self, client: Carries, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: CarriesLater, owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        if client is None:
            return self

        @wraps(self._build)
        def operation(*args: P.args, **kwargs: P.kwargs) -> Any:
            return client.carry_out(self._build(*args, **kwargs))

        return operation


class Operations:
    """Every operation of the API that has one answer."""

    remember = Operation(telling.remember)
    remember_many = Operation(telling.remember_many)
    recall = Operation(telling.recall)
    context = Operation(telling.context)

    memory = Operation(keeping.memory)
    memories = Operation(keeping.memories)
    history = Operation(keeping.history)
    create_memory = Operation(keeping.create_memory)
    update_memory = Operation(keeping.update_memory)
    delete_memory = Operation(keeping.delete_memory)
    delete_memories = Operation(keeping.delete_memories)
    restore_memory = Operation(keeping.restore_memory)
    pin_memory = Operation(keeping.pin_memory)
    feedback = Operation(keeping.feedback)

    entity = Operation(graph.entity)
    entities = Operation(graph.entities)
    merge_entities = Operation(graph.merge_entities)
    unmerge_entities = Operation(graph.unmerge_entities)
    fact = Operation(graph.fact)
    facts = Operation(graph.facts)
    assert_fact = Operation(graph.assert_fact)
    end_fact = Operation(graph.end_fact)
    invalidate_fact = Operation(graph.invalidate_fact)
    subgraph = Operation(graph.subgraph)
    episode = Operation(graph.episode)
    retract_episode = Operation(graph.retract_episode)

    block = Operation(upkeep.block)
    blocks = Operation(upkeep.blocks)
    put_block = Operation(upkeep.put_block)
    condense_block = Operation(upkeep.condense_block)
    restore_block = Operation(upkeep.restore_block)
    delete_block = Operation(upkeep.delete_block)
    templates = Operation(ways.templates)
    set_template = Operation(ways.set_template)
    delete_template = Operation(ways.delete_template)
    ontology = Operation(ways.ontology)
    set_ontology = Operation(ways.set_ontology)
    delete_ontology = Operation(ways.delete_ontology)
    log = Operation(upkeep.log)
    position = Operation(upkeep.position)
    viewer = Operation(upkeep.viewer)
    job = Operation(upkeep.job)
    forget_user = Operation(upkeep.forget_user)
    reindex = Operation(upkeep.reindex)
    consolidate = Operation(upkeep.consolidate)

    api_keys = Operation(keys.api_keys)
    create_api_key = Operation(keys.create_api_key)
    revoke_api_key = Operation(keys.revoke_api_key)
