"""A provider that reads, as a language model would: from patterns, and not always in order.

Its answers are the same whenever it is asked the same. It says some things in words of its own, some
twice, some that nobody said, and names kinds that there are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from mnemos_graph.language.extractor import CandidateEntity, CandidateFact, CandidateMemory, Turn
from mnemos_graph.language.offline.extractor import read
from mnemos_graph.language.offline.talk import Talk
from mnemos_graph.model import MessageRole
from tests.models.deeds import Deed, Says
from tests.models.dialects import Heard, OpenAI
from tests.models.provider import Provider

BYTES_A_TOKEN = 4
"""About: nobody counts them here."""


class Reading(Provider):
    """Answers what is asked to be extracted, over the wire of OpenAI."""

    def __init__(self) -> None:
        super().__init__(OpenAI())
        self.answers: dict[str, str] = {}
        """What was answered, by a digest of what was asked."""

    def deed(self, heard: Heard) -> Deed:
        system, asked = (each["content"] for each in heard.body["messages"])
        name = blake2b(f"{system}\0{asked}".encode(), digest_size=16).hexdigest()
        if name not in self.answers:
            self.answers[name] = json.dumps({"turns": list(_turns(asked))})
        answer = self.answers[name]
        size = len(system) + len(asked)
        return Says(
            pieces=(answer,),
            read=size // BYTES_A_TOKEN,
            cached=0,
            written=len(answer) // BYTES_A_TOKEN,
        )


def _turns(asked: str) -> Iterator[Mapping[str, Any]]:
    talk = Talk()
    for told in json.loads(asked.split("\n")[1]):
        turn = Turn(
            text=told["text"],
            role=MessageRole.USER,
            speaker=told["by"],
            occurred_at=datetime.fromisoformat(told["said_at"]),
        )
        found = read(turn, talk)
        if told["take"] and (found.memories or found.facts or found.forget):
            memories = [each for one in found.memories for each in _varied(one)]
            facts = [_fact(each) for each in found.facts]
            forget = list(found.forget)
            yield {"n": told["n"], "memories": memories, "facts": facts, "forget": forget}


def _varied(memory: CandidateMemory) -> Iterator[Mapping[str, Any]]:
    told = _memory(memory)
    chance = blake2b(memory.text.encode(), digest_size=1).digest()[0]
    if chance % 5 == 0:
        told["text"] = f"{memory.text.rstrip('.')}, as was said."
    yield told
    if chance % 7 == 0:
        yield told
    if chance % 11 == 0:
        yield told | {"text": f"{memory.text} Surely.", "quote": "what nobody ever said"}
    if chance % 13 == 0:
        told["entities"] = [{"name": "Nobody", "kind": "STARSHIP"}, *told["entities"]]


def _memory(memory: CandidateMemory) -> dict[str, Any]:
    return {
        "text": memory.text,
        "type": memory.type.value,
        "importance": memory.importance,
        "since": _told(memory.valid_from),
        "until": _told(memory.valid_to),
        "entities": [_entity(each) for each in memory.entities],
        "quote": memory.quote,
    }


def _fact(fact: CandidateFact) -> dict[str, Any]:
    return {
        "subject": _entity(fact.subject),
        "predicate": fact.predicate,
        "object": _entity(fact.object) if fact.object else None,
        "value": fact.value,
        "statement": fact.statement,
        "since": _told(fact.valid_from),
        "until": _told(fact.valid_to),
        "ended": fact.ended,
        "confidence": fact.confidence,
        "quote": fact.quote,
    }


def _entity(entity: CandidateEntity) -> Mapping[str, str]:
    return {"name": entity.name, "kind": entity.kind}


def _told(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M}" if at else None
