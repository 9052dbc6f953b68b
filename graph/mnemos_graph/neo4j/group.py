"""One group of change sets of one organization: loaded, checked, numbered, written in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from neo4j.exceptions import ConstraintError

from mnemos_graph.committing import Ledger, Needed, Wanted, admit
from mnemos_graph.errors import Conflict, MnemosError, Unavailable
from mnemos_graph.model import OrganizationId
from mnemos_graph.neo4j.bolt import Bolt
from mnemos_graph.neo4j.failures import outcome
from mnemos_graph.neo4j.loading import load
from mnemos_graph.neo4j.plan import Plan, Rows
from mnemos_graph.neo4j.writing import write
from mnemos_graph.store import Committed

Answers = list[Committed | Exception]

_FEW = 64
"""Operations that the event loop may check by itself."""


async def commit(bolt: Bolt, organization: OrganizationId, sets: Sequence[Wanted]) -> Answers:
    """Commit each set whole or not at all, and return what became of each, in the same order.

    What fails as a group is tried again in halves, so that only the guilty one fails. A commit
    whose answer was lost is found by its id behind the organization's lock, and not repeated.
    """
    try:
        return await bolt.again(lambda: _attempt(bolt, organization, sets))
    except Unavailable as away:
        return [away] * len(sets)
    except Exception as failure:  # noqa: BLE001 - it is raised where it was asked
        if len(sets) == 1:
            return [_refusal(failure, bolt.place)]
    half = len(sets) // 2
    first = await commit(bolt, organization, sets[:half])
    return first + await commit(bolt, organization, sets[half:])


async def _attempt(bolt: Bolt, organization: OrganizationId, sets: Sequence[Wanted]) -> Answers:
    async with bolt.transaction() as transaction:
        ledger, stubs, seal = await load(transaction, organization, Needed.by(sets))
        if seal:
            raise seal.refusal()
        planned = partial(_planned, Plan(organization, ledger, stubs), ledger, sets)
        many = sum(len(each.change_set.operations) for each in sets) > _FEW
        answers, rows = await asyncio.to_thread(planned) if many else planned()
        if rows:
            await write(transaction, organization, rows, ledger.position, ledger.at)
            await transaction.commit()
    return answers


def _planned(plan: Plan, ledger: Ledger, sets: Sequence[Wanted]) -> tuple[Answers, dict[str, Rows]]:
    """Return each set's answer, and the rows that those leave which passed."""
    answers = Answers()
    for wanted in sets:
        try:
            answers.append(admit(ledger, plan, wanted))
        except MnemosError as refusal:
            answers.append(refusal)
    return answers, plan.rows()


def _refusal(failure: Exception, place: str) -> Exception:
    if isinstance(failure, ConstraintError):
        return Conflict("Another program wrote the same to Neo4j at this moment. Ask again.")
    return outcome(failure, place) or failure
