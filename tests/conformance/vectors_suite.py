"""The suite that makes a backend a ``VectorStore``: inherit it and give ``vectors``."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnemos_graph.errors import Unavailable
from mnemos_graph.model import Position, RecordId
from mnemos_graph.store import VersionRef
from mnemos_graph.vectors import Point, Stand, VectorStore
from tests.conformance.samples import ACME, GLOBEX

DIMENSIONS = 16
NEW = "model 1"
OLD = "model 0"
START = Stand(1, Position(7))


def ref(name: str, version: int = 1) -> VersionRef:
    return VersionRef(RecordId(name), version)


def rows(seed: int, count: int = 1) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)
    lengths: NDArray[np.float32] = np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn / lengths


def points(count: int) -> list[Point]:
    return [Point(ref(f"r{n}"), rows(n)) for n in range(count)]


class VectorStoreSuite:
    """Inherit, and give a ``vectors`` fixture that yields an empty vector store."""

    async def test_the_nearest_come_first_with_their_cosine(self, vectors: VectorStore) -> None:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, points(50))
        asked = rows(7)[0]
        near = await vectors.nearest(ACME, NEW, asked, 10)
        cosines = sorted((float(rows(n)[0] @ asked) for n in range(50)), reverse=True)
        assert near[0].ref == ref("r7")
        assert [each.cosine for each in near] == pytest.approx(cosines[:10], abs=1e-4)

    async def test_an_empty_or_missing_collection_has_nothing_near(
        self, vectors: VectorStore
    ) -> None:
        assert await vectors.nearest(ACME, NEW, rows(1)[0], 5) == []
        await vectors.begin(ACME, NEW, START)
        assert await vectors.nearest(ACME, NEW, rows(1)[0], 5) == []

    async def test_a_point_is_as_near_as_its_closest_window_and_comes_once(
        self, vectors: VectorStore
    ) -> None:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, [Point(ref("long"), rows(1, 40)), *points(5)])
        near = await vectors.nearest(ACME, NEW, rows(1, 40)[33], 6)
        assert near[0].ref == ref("long")
        assert near[0].cosine == pytest.approx(1, abs=1e-4)
        assert len({each.ref for each in near}) == len(near) == 6

    async def test_a_point_is_never_overwritten(self, vectors: VectorStore) -> None:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, [Point(ref("a"), rows(1))])
        await vectors.put(ACME, NEW, [Point(ref("a"), rows(2))])
        (near,) = await vectors.nearest(ACME, NEW, rows(1)[0], 5)
        assert near.cosine == pytest.approx(1, abs=1e-4)

    async def test_one_version_is_taken_out_with_all_its_windows(
        self, vectors: VectorStore
    ) -> None:
        await vectors.begin(ACME, NEW, START)
        first, second = Point(ref("a"), rows(1, 3)), Point(ref("a", 2), rows(2))
        await vectors.put(ACME, NEW, [first, second])
        await vectors.remove(ACME, NEW, [ref("a"), ref("never there")])
        near = await vectors.nearest(ACME, NEW, rows(1)[0], 5)
        assert [each.ref for each in near] == [ref("a", 2)]

    async def test_a_collection_says_where_it_stands(self, vectors: VectorStore) -> None:
        assert await vectors.stand(ACME, NEW) is None
        await vectors.begin(ACME, NEW, START)
        assert await vectors.stand(ACME, NEW) == START
        for moved in (
            Stand(1, Position(7), through=RecordId("r1")),
            Stand(2, Position(9), filled=True),
        ):
            await vectors.move(ACME, NEW, moved)
            assert await vectors.stand(ACME, NEW) == moved

    async def test_beginning_leaves_nothing_of_before(self, vectors: VectorStore) -> None:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, points(3))
        await vectors.begin(ACME, NEW, Stand(1, Position(8)))
        assert await vectors.nearest(ACME, NEW, rows(1)[0], 5) == []
        assert await vectors.stand(ACME, NEW) == Stand(1, Position(8))

    async def test_another_generation_is_another_collection(self, vectors: VectorStore) -> None:
        await vectors.begin(ACME, OLD, START)
        await vectors.put(ACME, OLD, points(3))
        assert await vectors.stand(ACME, NEW) is None
        assert await vectors.nearest(ACME, NEW, rows(1)[0], 5) == []
        with pytest.raises(Unavailable):
            await vectors.put(ACME, NEW, points(3))

    async def test_generations_stand_side_by_side_whatever_their_dimensions(
        self, vectors: VectorStore
    ) -> None:
        await vectors.begin(ACME, OLD, START)
        await vectors.put(ACME, OLD, points(3))
        await vectors.begin(ACME, NEW, START)
        wide = np.eye(1, 2 * DIMENSIONS, dtype=np.float32)
        await vectors.put(ACME, NEW, [Point(ref("wide"), wide)])
        assert len(await vectors.nearest(ACME, OLD, rows(1)[0], 5)) == 3
        (near,) = await vectors.nearest(ACME, NEW, wide[0], 5)
        assert near.ref == ref("wide")

    async def test_what_is_kept_outlives_the_other_generations(self, vectors: VectorStore) -> None:
        for access, generation in ((ACME, OLD), (ACME, NEW), (GLOBEX, OLD)):
            await vectors.begin(access, generation, START)
            await vectors.put(access, generation, points(2))
        await vectors.drop(ACME, keep=[NEW])
        assert await vectors.stand(ACME, OLD) is None
        assert len(await vectors.nearest(ACME, NEW, rows(1)[0], 5)) == 2
        assert len(await vectors.nearest(GLOBEX, OLD, rows(1)[0], 5)) == 2

    async def test_organizations_do_not_see_each_other(self, vectors: VectorStore) -> None:
        for access in (ACME, GLOBEX):
            await vectors.begin(access, NEW, START)
        await vectors.put(ACME, NEW, points(3))
        assert await vectors.nearest(GLOBEX, NEW, rows(1)[0], 5) == []
        await vectors.remove(GLOBEX, NEW, [ref("r1")])
        await vectors.drop(GLOBEX)
        assert len(await vectors.nearest(ACME, NEW, rows(1)[0], 5)) == 3

    async def test_what_was_dropped_is_gone_and_can_begin_again(self, vectors: VectorStore) -> None:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, points(3))
        await vectors.drop(ACME)
        await vectors.drop(ACME)
        assert await vectors.stand(ACME, NEW) is None
        with pytest.raises(Unavailable):
            await vectors.move(ACME, NEW, START)
        await vectors.begin(ACME, NEW, START)
        assert await vectors.nearest(ACME, NEW, rows(1)[0], 5) == []
