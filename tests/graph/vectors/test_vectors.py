"""The vector stores keep every promise; the embedded one also survives what a disk file can."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.errors import Unavailable
from mnemos_graph.vectors import Point, VectorStore
from mnemos_graph.vectors.chroma import open_chroma
from mnemos_graph.vectors.lock import owned
from tests.conformance.memory_vectors import MemoryVectors
from tests.conformance.samples import ACME
from tests.conformance.vectors_suite import NEW, START, VectorStoreSuite, points, ref, rows


class TestMemoryVectors(VectorStoreSuite):
    @pytest.fixture
    def vectors(self) -> VectorStore:
        return MemoryVectors()


@pytest.fixture
async def chroma(tmp_path: Path) -> AsyncIterator[VectorStore]:
    async with open_chroma(tmp_path) as opened:
        yield opened


class TestChromaVectors(VectorStoreSuite):
    @pytest.fixture
    def vectors(self, chroma: VectorStore) -> VectorStore:
        return chroma


@given(
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 3)), max_size=25),
    asked=st.integers(0, 9),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_is_put_and_removed_the_reference_finds_the_same(
    chroma: VectorStore, steps: list[tuple[bool, int, int]], asked: int
) -> None:
    reference = MemoryVectors()
    both: tuple[VectorStore, VectorStore] = (chroma, reference)
    for each in both:
        await each.begin(ACME, NEW, START)
        for keep, number, version in steps:
            at = ref(f"r{number}", version)
            if keep:
                drawn = rows(number * 10 + version, version)
                await each.put(ACME, NEW, [Point(at, drawn)])
            else:
                await each.remove(ACME, NEW, [at])
    found, expected = [await each.nearest(ACME, NEW, rows(asked)[0], 5) for each in both]
    assert [each.ref for each in found] == [each.ref for each in expected]


async def test_what_was_put_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    async with open_chroma(tmp_path) as vectors:
        await vectors.begin(ACME, NEW, START)
        await vectors.put(ACME, NEW, points(250))
    async with open_chroma(tmp_path) as vectors:
        assert await vectors.stand(ACME, NEW) == START
        (near,) = await vectors.nearest(ACME, NEW, rows(249)[0], 1)
        assert near.ref == ref("r249")


async def test_a_second_owner_is_told_who_has_the_folder(tmp_path: Path) -> None:
    async with open_chroma(tmp_path, "127.0.0.1:8080"):
        with pytest.raises(Unavailable, match=r"process \d+ at 127\.0\.0\.1:8080"):
            async with open_chroma(tmp_path):
                pass


def test_a_folder_can_be_owned_again_once_it_was_let_go(tmp_path: Path) -> None:
    with owned(tmp_path / "new"):
        pass
    with owned(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
