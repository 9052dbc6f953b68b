"""What an organization, or one user in it, holds: something of every kind, and its ways to name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.asker import Asker
from tests.isolation.operations import Operation

LONG_AGO, LATER = "2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z"


@dataclass(slots=True)
class Held:
    """What somebody holds. ``handle`` is in every name that others could guess or overhear.

    ``secret`` is in everything that it says, and never in anything that others send.
    """

    user: str
    handle: str
    secret: str
    ids: dict[str, str] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Names of its own choice, all with the handle in them."""
        return [self.user, self.handle, self.key]

    @property
    def key(self) -> str:
        """The idempotency key of everything that it wrote."""
        return f"{self.handle}-key"

    @property
    def scope(self) -> dict[str, str]:
        return {
            "userId": self.user,
            "agentId": f"{self.handle}-agent",
            "sessionId": f"{self.handle}-session",
        }


async def fill(asker: Asker, user: str, handle: str, secret: str) -> Held:
    """Let ``asker`` keep something of every kind for one user."""
    held = Held(user, handle, secret)
    filling = _Filling(asker, held)
    await filling.memories()
    await filling.graph()
    await filling.others()
    return held


@dataclass(frozen=True, slots=True)
class _Filling:
    asker: Asker
    held: Held

    async def memories(self) -> None:
        held = self.held
        for name in ("memory", "deleted", "other memory"):
            created = await self._do(
                "createMemory",
                input={
                    "text": f"{name}: the {held.secret} sleeps",
                    "scope": held.scope,
                    "tags": [held.handle],
                    "metadata": {"handle": held.handle, "says": held.secret},
                    **({"idempotencyKey": held.key} if name == "memory" else {}),
                },
            )
            held.ids[name] = created["memory"]["id"]
            held.cursors.append(created["position"])
        change = {"text": f"the {held.secret} woke up"}
        await self._do("updateMemory", id=held.ids["memory"], input=change)
        await self._do("deleteMemory", id=held.ids["deleted"])
        told = await self._do(
            "remember",
            input={
                "text": f"My {held.secret} lives in a tree.",
                "scope": held.scope,
                "infer": False,
                "source": held.secret,
                "idempotencyKey": held.key,
            },
        )
        held.ids["episode"] = told["episodes"][0]["id"]
        held.ids["told"] = told["decisions"][0]["memory"]["id"]

    async def graph(self) -> None:
        held = self.held
        for number, value in enumerate((LONG_AGO, LATER)):
            stated = await self._state(
                predicate="lives_in", value=f"{held.secret} {number}", validFrom=value
            )
            held.ids[f"fact {number}"] = stated["fact"]["id"]
        held.ids["entity"] = stated["fact"]["subjectId"]
        related = await self._state(
            predicate="knows", object={"name": f"{held.secret} One", "kind": "PERSON"}
        )
        held.ids["fact between"] = related["fact"]["id"]
        held.ids["other entity"] = related["fact"]["object"]["id"]
        for name in ("merged", "to merge"):
            made = await self._state(
                predicate="likes", object={"name": f"{held.secret} {name}", "kind": "PERSON"}
            )
            held.ids[name] = made["fact"]["object"]["id"]
        merged = await self._do(
            "mergeEntities", into=held.ids["entity"], **{"from": [held.ids["merged"]]}
        )
        held.ids["merge"] = merged["mergeId"]

    async def _state(self, **fact: Any) -> Mapping[str, Any]:
        subject = {"name": self.held.handle, "kind": "PERSON"}
        scope = {"userId": self.held.user}
        return await self._do("assertFact", input={"subject": subject, "scope": scope, **fact})

    async def others(self) -> None:
        held = self.held
        block = {
            "label": f"{held.handle}-label",
            "value": held.secret,
            "scope": {"userId": held.user},
        }
        for _ in range(2):
            held.ids["block"] = (await self._do("putBlock", input=block))["block"]["id"]
        kept = await self._do("setTemplate", name=f"{held.handle}-template", text=held.secret)
        held.ids["template"] = kept["template"]["id"]
        noted = await self._do("setOntology", input={"instructions": held.secret})
        held.ids["ontology"] = noted["ontology"]["id"]
        many = [{"text": f"a {held.secret} again", "scope": held.scope, "infer": False}]
        started = await self._do("rememberMany", inputs=many, idempotencyKey=held.key)
        held.ids["job"] = started["job"]["id"]
        key = await self._do("createApiKey", name=f"{held.secret}")
        held.ids["api key"] = key["key"]["id"]
        await self.asker.ended(held.ids["job"])
        for name in ("memories", "entities", "facts"):
            page = await self._ask(name, scope={"userId": held.user}, first=1)
            held.pages.append(page["pageInfo"]["endCursor"])

    async def _do(self, name: str, /, **variables: Any) -> Mapping[str, Any]:
        return await self.asker.has(Operation("mutation", name), variables)

    async def _ask(self, name: str, /, **variables: Any) -> Mapping[str, Any]:
        return await self.asker.has(Operation("query", name), variables)
