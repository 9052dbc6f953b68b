"""For every operation, requests that somebody makes about what is their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.isolation.held import LATER, LONG_AGO, Held
from tests.isolation.operations import Operation

Variables = Mapping[str, Any]


def of(operation: Operation, own: Held) -> Sequence[Variables]:
    """Return requests that are answered without an error, in this order.

    Fails for an operation that nobody has written one for.
    """
    key = f"{operation.kind} {operation.name}"
    assert key in _EXAMPLES, f"{key} is new: say in {__name__} how its own organization asks it."
    return _EXAMPLES[key](own)


def _listing(own: Held) -> Sequence[Variables]:
    return [{"scope": {"userId": own.user}, "first": 5}]


def _by(name: str, *more: str) -> Callable[[Held], Sequence[Variables]]:
    return lambda own: [{"id": own.ids[each]} for each in (name, *more)]


def _without(_: Held) -> Sequence[Variables]:
    return [{}]


def _remember(own: Held) -> list[dict[str, Any]]:
    told = {"scope": own.scope, "source": "a letter", "tags": ["x"], "metadata": {"a": 1}}
    said = {"text": "Tea at five.", "speaker": "Somebody", "occurredAt": LATER}
    return [
        {**told, "text": "It rains in the hills.", "infer": False},
        {**told, "messages": [said]},
    ]


def _recall(own: Held) -> Sequence[Variables]:
    scope = {"userId": own.user}
    return [
        {"input": {"query": f"where does {own.handle} live?", "scope": scope, "limit": 5}},
        {
            "input": {
                "query": own.handle,
                "scope": scope,
                "filter": {"tags": [own.handle], "metadata": {"handle": own.handle}},
            }
        },
        {"input": {"query": own.handle, "scopes": [{"scope": scope, "weight": 0.5}]}},
    ]


def _facts(own: Held) -> Sequence[Variables]:
    asked = {"scope": {"userId": own.user}, "subjectId": own.ids["entity"], "first": 5}
    return [asked, {**asked, "includeInvalid": True, "asOf": LONG_AGO, "predicate": "lives_in"}]


def _assert(own: Held) -> Sequence[Variables]:
    scope = {"userId": own.user}
    subject, other = {"id": own.ids["entity"]}, {"id": own.ids["other entity"]}
    named = {"name": own.handle, "kind": "PERSON"}
    return [
        {"input": {"subject": subject, "predicate": "met", "object": other, "scope": scope}},
        {"input": {"subject": named, "predicate": "wears", "value": "a hat", "scope": scope}},
        {"input": {"subject": named, "predicate": "saw", "object": named | {"name": "Someone"},
                   "scope": scope}},
    ]  # fmt: skip


def _memories(own: Held) -> Sequence[Variables]:
    return [*_listing(own), {"scope": {"userId": own.user}, "filter": {"includeSuperseded": True}}]


def _changes(own: Held) -> Sequence[Variables]:
    return [{"scope": {"userId": own.user}, "first": 5}, {"after": own.cursors[0], "first": 5}]


def _new_memory(own: Held) -> Sequence[Variables]:
    return [{"input": {"text": "A new one.", "scope": own.scope, "tags": ["new"]}}]


def _block(own: Held) -> Sequence[Variables]:
    block = {"label": f"{own.handle}-label", "value": "new", "scope": {"userId": own.user}}
    return [{"input": block}]


_EXAMPLES: Mapping[str, Callable[[Held], Sequence[Variables]]] = {
    "query viewer": _without,
    "query apiKeys": _without,
    "query position": _without,
    "query node": _by(
        "memory", "episode", "entity", "fact 0", "block", "job", "template", "ontology"
    ),
    "query memory": _by("memory"),
    "query memories": _memories,
    "query recall": _recall,
    "query context": lambda own: [
        {"input": {"query": own.handle, "scope": {"userId": own.user}, **more}}
        for more in ({}, {"template": f"{own.handle}-template"}, {"since": own.cursors[0]})
    ],
    "query episode": _by("episode"),
    "query entity": _by("entity", "merged"),
    "query entities": _listing,
    "query fact": _by("fact 0", "fact between"),
    "query facts": _facts,
    "query subgraph": lambda own: [{"around": [own.ids["entity"]], "hops": 3, "limit": 20}],
    "query block": _by("block"),
    "query blocks": _listing,
    "query templates": _without,
    "query ontology": _without,
    "query job": _by("job"),
    "query changes": _changes,
    "mutation remember": lambda own: [{"input": each} for each in _remember(own)],
    "mutation rememberMany": lambda own: [{"inputs": _remember(own)}],
    "mutation createMemory": _new_memory,
    "mutation updateMemory": lambda own: [
        {"id": own.ids["memory"], "input": {"text": "Changed.", "tags": ["changed"]}}
    ],
    "mutation deleteMemory": _by("memory"),
    "mutation deleteMemories": lambda own: [
        {"scope": {"userId": own.user}, "filter": {"tags": [own.handle]}, "dryRun": True},
        {"scope": {"userId": own.user}, "filter": {"tags": [own.handle]}},
    ],
    "mutation pinMemory": _by("memory"),
    "mutation feedback": lambda own: [{"memoryId": own.ids["memory"], "useful": True}],
    "mutation restoreMemory": _by("deleted"),
    "mutation retractEpisode": _by("episode"),
    "mutation assertFact": _assert,
    "mutation endFact": _by("fact 1"),
    "mutation invalidateFact": _by("fact 1"),
    "mutation mergeEntities": lambda own: [
        {"into": own.ids["other entity"], "from": [own.ids["to merge"]]}
    ],
    "mutation unmergeEntities": lambda own: [{"mergeId": own.ids["merge"]}],
    "mutation putBlock": _block,
    "mutation condenseBlock": _by("block"),
    "mutation restoreBlock": lambda own: [{"id": own.ids["block"], "version": 1}],
    "mutation deleteBlock": _by("block"),
    "mutation setTemplate": lambda own: [{"name": f"{own.handle}-template", "text": "new"}],
    "mutation deleteTemplate": lambda own: [{"name": f"{own.handle}-template"}],
    "mutation setOntology": lambda own: [{"input": {"instructions": f"Note {own.handle}."}}],
    "mutation deleteOntology": _without,
    "mutation forgetUser": lambda own: [{"userId": own.user}],
    "mutation createApiKey": lambda own: [{"name": "another"}],
    "mutation reindex": _without,
    "mutation consolidate": lambda own: [{"scope": {"userId": own.user}}],
    "mutation revokeApiKey": _by("api key"),
    "subscription changes": lambda own: [{"scope": {"userId": own.user}, "after": own.cursors[0]}],
    "subscription liveRecall": _recall,
    "subscription watch": lambda own: [
        {"input": {"entityId": own.ids["entity"], "scope": {"userId": own.user}}},
        {"input": {"blockId": own.ids["block"]}},
        {"input": {"text": own.handle, "scope": {"userId": own.user}}},
    ],
    "subscription job": _by("job"),
}
