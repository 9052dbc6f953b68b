"""Moving organizations to another store: copied, compared, and only then opened there.

The source is sealed before the first row is read, so that what is copied is one state; it stays
readable until the copy was found to be the same, and is not served after. In the copy a new epoch
begins at the last position: a cursor of before holds there as it did here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from mnemos_graph.directory import Directory
from mnemos_graph.errors import Conflict, NotFound, Unavailable
from mnemos_graph.model import Head, OrganizationId
from mnemos_graph.store.copying import Copying, Row, Seal, Section, Standing

ROWS = 500
"""In one page that is read and written."""

_encode = msgspec.json.Encoder(order="sorted").encode

Report = Callable[[Section, int], None]
"""Told of every page: the section, and how many rows of it were copied by now."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What two copies have in common when they are the same, however they are kept."""

    rows: Counter[Section] = field(default_factory=Counter)
    digests: Counter[Section] = field(default_factory=Counter)
    """The rows' digests summed up, so that the order of pages does not matter."""

    def add(self, section: Section, rows: Sequence[Row]) -> None:
        self.rows[section] += len(rows)
        for row in rows:
            digest = hashlib.blake2b(_encode(row), digest_size=8).digest()
            self.digests[section] += int.from_bytes(digest, "big")


@dataclass(frozen=True, slots=True)
class Moved:
    organization: OrganizationId
    head: Head
    """Where the copy's log ends, in its new epoch."""
    rows: Counter[Section]


async def move(
    organization: OrganizationId, source: Copying, target: Copying, report: Report
) -> Moved:
    """Copy an organization, compare the copy, seal it here and open it there.

    When it is interrupted, asking again begins anew; until then both sides refuse what could be
    lost. A failure leaves the source open, as it was.

    Raises:
        NotFound: the source has no such organization.
        Conflict: it was moved from here before, or the target has one that is in use.
        Unavailable: a store is away, or the copy is not what was copied.
    """
    before = await _checked(organization, source, target)
    await source.seal(organization, Seal.MOVING)
    try:
        last = await _standing(organization, source)
        await target.begin(organization)
        sums = await _copy(organization, source, target, report)
        await _compare(organization, sums, target)
    except BaseException:
        await source.seal(organization, Seal.MOVED if before.seal is Seal.MOVED else None)
        raise
    head = Head(last.head.epoch + 1, last.head.position, began=last.head.position)
    # In this order: at no time are both open.
    await source.seal(organization, Seal.MOVED)
    await target.finish(organization, head)
    return Moved(organization, head, sums.rows)


async def copy_directory(source: Directory, target: Directory, only: OrganizationId | None) -> None:
    """Copy organizations and their keys; what is there already stays as it is.

    Raises:
        Conflict: another organization of the target has the name of one of these.
    """
    for organization in await source.organizations():
        if only is not None and organization.id != only:
            continue
        if await target.organization(organization.id) is None:
            await target.create_organization(organization)
        known = {key.id for key in await target.keys(organization.id)}
        for key in await source.keys(organization.id):
            if key.id not in known:
                await target.create_key(key)


async def _checked(organization: OrganizationId, source: Copying, target: Copying) -> Standing:
    here, there = await _standing(organization, source), await target.standing(organization)
    if here.seal is Seal.FILLING:
        raise Conflict(f"{organization} is not whole here: move it again from where it was copied.")
    unfinished = there is not None and there.seal is Seal.FILLING
    if here.seal is Seal.MOVED and not unfinished:
        raise Conflict(f"{organization} was moved from here before, and lives on elsewhere.")
    if there is not None and there.seal in (None, Seal.MOVING) and there.head.position:
        raise Conflict(f"The target has {organization} already. Take another, or an empty one.")
    return here


async def _standing(organization: OrganizationId, store: Copying) -> Standing:
    standing = await store.standing(organization)
    if standing is None:
        raise NotFound("organization", organization)
    return standing


async def _copy(
    organization: OrganizationId, source: Copying, target: Copying, report: Report
) -> Sums:
    sums = Sums()
    for section in Section:
        async for rows in _pages(organization, source, section):
            await target.write(organization, rows)
            sums.add(section, rows)
            report(section, sums.rows[section])
    return sums


async def _compare(organization: OrganizationId, expected: Sums, target: Copying) -> None:
    found = Sums()
    for section in Section:
        async for rows in _pages(organization, target, section):
            found.add(section, rows)
        if (found.rows[section], found.digests[section]) != (
            expected.rows[section],
            expected.digests[section],
        ):
            raise Unavailable(
                f"The copy of {organization} has {found.rows[section]} {section.value} that are "
                f"not the {expected.rows[section]} of the source. Nothing was moved; try again."
            )


async def _pages(
    organization: OrganizationId, store: Copying, section: Section
) -> AsyncGenerator[Sequence[Row], None]:
    after: Row | None = None
    while rows := await store.read(organization, section, after=after, limit=ROWS):
        yield rows
        after = rows[-1]
