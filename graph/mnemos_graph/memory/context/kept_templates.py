"""Templates of an organization, written under their names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from mnemos_graph.errors import Conflict, NotFound, TooMuch
from mnemos_graph.feed import Journal
from mnemos_graph.memory import checks
from mnemos_graph.memory.attempts import Attempts, Plan
from mnemos_graph.memory.context.templates.compiled import compiled
from mnemos_graph.memory.outcomes import Clock, Deleted, Written
from mnemos_graph.model import Access, Position, RecordKind, Scope, Template, new_id
from mnemos_graph.store import Delete, Equal, Find, GraphStore, Order, Put

MOST_TEMPLATES = 100
"""Of one organization."""
LONGEST_NAME = 256
"""UTF-8 bytes."""
_SHARED = Equal("user_id", None)


class Templates:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._attempts = Attempts(journal)
        self._clock = clock

    async def set(
        self, access: Access, name: str, text: str, expected_version: int | None = None
    ) -> Written[Template]:
        """Keep a template under this name, in place of the one that was there, if it works.

        Raises:
            BadInput: it does not; the message has the line.
            TooMuch: it is too long, or there are 100 templates already.
            Conflict: it is not at ``expected_version``; 0 expects that there is none.
        """
        checks.text("name", name, LONGEST_NAME)
        await asyncio.to_thread(compiled, text)

        async def decide(_: Position) -> Plan[Written[Template]]:
            held = await named(self._attempts.store, access, name)
            version = held.version if held else 0
            if expected_version is not None and version != expected_version:
                there = f"at version {version}" if held else "not there"
                raise Conflict(
                    f"The template {name!r} is {there}, not at version {expected_version}. "
                    "Read it again and decide anew."
                )
            if held and held.text == text:
                return Plan((), lambda at: Written(held, at))
            if held is None and len(await self.list(access)) >= MOST_TEMPLATES:
                raise TooMuch(f"There are {MOST_TEMPLATES} templates. Delete one first.")
            after = self._after(held, name, text)
            return Plan((Put(after),), lambda at: Written(after, at))

        return await self._attempts.carry_out(access, decide)

    async def delete(self, access: Access, name: str) -> Deleted:
        """Delete a template; its name is free again.

        Raises:
            NotFound: there is none of this name.
        """

        async def decide(_: Position) -> Plan[Deleted]:
            held = await named(self._attempts.store, access, name)
            if held is None:
                raise NotFound(RecordKind.TEMPLATE.value, name)
            deleted = Delete(Template.KIND, held.id, held.version)
            return Plan((deleted,), lambda at: Deleted(1, at))

        return await self._attempts.carry_out(access, decide)

    async def list(self, access: Access) -> Sequence[Template]:
        """Return every template by name."""
        question = Find(Template, (_SHARED,), order=Order("name"), first=MOST_TEMPLATES)
        (page,) = await self._attempts.store.find(access, [question])
        return page.records

    def _after(self, held: Template | None, name: str, text: str) -> Template:
        now = self._clock()
        if held is not None:
            return replace(held, text=text, version=held.version + 1, updated_at=now)
        return Template(
            id=new_id(), scope=Scope(), created_at=now, updated_at=now, name=name, text=text
        )


async def named(store: GraphStore, access: Access, name: str) -> Template | None:
    """Return the template of this name; None: there is none."""
    question = Find(Template, (_SHARED, Equal("name", name)), first=1)
    (page,) = await store.find(access, [question])
    return page.records[0] if page.records else None
