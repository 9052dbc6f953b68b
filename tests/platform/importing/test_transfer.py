"""Files in and out over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import httpx
import pytest

from mnemos import AsyncClient
from mnemos.client.transfers import ImportStarted
from mnemos.program import Program
from mnemos.settings import Settings
from mnemos_graph.directory import Role
from mnemos_graph.errors import BadInput, TooMuch
from mnemos_graph.identity import LOCAL_CALLER
from mnemos_graph.model import Job, RecordId
from tests import serving
from tests.conformance.memory_store import MemoryStore
from tests.platform.importing.papers import HANDBOOK, locked, pdf
from tests.platform.importing.samples import LOCOMO

MOST = 100_000


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    settings = Settings(data=tmp_path, import_bytes=MOST)
    async with serving.program_on(MemoryStore(), settings) as program:
        yield program


@pytest.fixture
async def mnemos(client: serving.Client) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(f"http://{client.address}") as mnemos:
        yield mnemos


async def done(program: Program, started: ImportStarted) -> Job:
    id_ = RecordId(started.job_id)
    async with asyncio.timeout(10):
        while True:
            found = await program.services.store.get(LOCAL_CALLER.access, Job, [id_])
            if found[id_].ended:
                return found[id_]
            await asyncio.sleep(0.01)


async def exported(mnemos: AsyncClient, user_id: str | None = None) -> list[dict[str, object]]:
    pieces = [piece async for piece in mnemos.export(user_id=user_id)]
    return [json.loads(line) for line in b"".join(pieces).splitlines()]


async def test_a_file_is_taken_in_and_given_out(mnemos: AsyncClient, program: Program) -> None:
    started = await mnemos.import_file(json.dumps(LOCOMO).encode(), verbatim=True)
    job = await done(program, started)
    assert (job.done, job.failed, started.broken_count) == (3, 0, 0)
    header, *lines = await exported(mnemos)
    assert header == {"format": "mnemos", "version": 1}
    assert [line["kind"] for line in lines] == ["episode"] * 3 + ["memory"] * 3
    assert await exported(mnemos, "somebody") == [header]


async def test_what_is_broken_in_a_file_is_said_and_the_rest_taken_in(
    mnemos: AsyncClient, program: Program
) -> None:
    started = await mnemos.import_file(b'{"text": "good"}\n{"text": 1}\n', user_id="ana")
    assert [part.where for part in started.broken] == ["line 2"]
    assert (await done(program, started)).done == 1


async def test_a_file_of_broken_lines_alone_says_why(mnemos: AsyncClient) -> None:
    with pytest.raises(BadInput, match="line 1"):
        await mnemos.import_file(b'{"text": 1}\n')


async def test_a_file_that_is_too_large_is_refused_while_it_comes(mnemos: AsyncClient) -> None:
    async def endless() -> AsyncGenerator[bytes, None]:
        for _ in range(1_000):
            yield b" " * 10_000

    with pytest.raises(TooMuch, match="more than 100000 bytes"):
        await mnemos.import_file(endless())


@pytest.mark.parametrize(
    "params", [{"usr": "ana"}, {"verbatim": "yes"}, {"format": "x"}, {"user": ""}]
)
async def test_a_parameter_that_is_none_is_refused(
    client: serving.Client, params: dict[str, str]
) -> None:
    response = await client.http.post("/import", params=params, content=b"{}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_files_are_given_to_nobody_without_a_key(
    client: serving.Client, program: Program
) -> None:
    await program.keys.create(LOCAL_CALLER.access.organization, "k")
    assert (await client.http.get("/export")).status_code == 401
    assert (await client.http.post("/import", content=b"{}")).status_code == 401


async def test_who_may_only_read_takes_nothing_in(client: serving.Client, program: Program) -> None:
    made = await program.keys.create(LOCAL_CALLER.access.organization, "k", Role.READER)
    headers = {"Authorization": f"Bearer {made.secret}"}
    refused: httpx.Response = await client.http.post("/import", content=b"{}", headers=headers)
    assert refused.status_code == 403
    assert (await client.http.get("/export", headers=headers)).status_code == 200


async def asked(mnemos: AsyncClient, query: str) -> list[str]:
    return [hit.memory.text for hit in (await mnemos.recall(query, user_id="ana")).hits]


async def test_a_document_is_recalled_by_the_chunk_with_its_heading(
    mnemos: AsyncClient, program: Program
) -> None:
    started = await mnemos.import_file(HANDBOOK.encode(), user_id="ana", name="heron.md")
    job = await done(program, started)
    assert (job.done, job.total, job.failed) == (3, 3, 0)
    first, *_ = (await mnemos.recall("How often is the oil changed?", user_id="ana")).hits
    assert first.memory.text.startswith("Heron handbook › Engine › Oil\nChange the oil")
    assert first.memory.type == "RESOURCE"
    assert first.memory.metadata["heading"] == "Heron handbook › Engine › Oil"


async def test_a_document_that_comes_again_is_there_once_as_it_is_now(
    mnemos: AsyncClient, program: Program
) -> None:
    for hours in (100, 100, 50):
        text = HANDBOOK.replace("100 hours", f"{hours} hours").encode()
        await done(program, await mnemos.import_file(text, user_id="ana", name="heron.md"))
    texts = [edge.text for edge in (await mnemos.memories(user_id="ana")).items]
    assert len(texts) == 3
    assert ["50 hours" in text for text in texts].count(True) == 1


async def test_a_pdf_is_taken_in_with_its_pages(mnemos: AsyncClient, program: Program) -> None:
    data = pdf(["Reef above 20 knots."], ["Change the oil."])
    await done(program, await mnemos.import_file(data, user_id="ana", name="heron.pdf"))
    found = (await mnemos.memories(user_id="ana", order_by="OLDEST")).items
    assert [each.text for each in found] == ["heron.pdf\nReef above 20 knots.\n\nChange the oil."]
    assert found[0].metadata["page"] == 1


async def test_a_document_that_cannot_be_read_is_refused_at_once(mnemos: AsyncClient) -> None:
    for data, name, why in [
        (locked(pdf(["x"]), "sesame"), "a.pdf", "locked with a password"),
        (b"%PDF-1.7 and no more", "a.pdf", "damaged"),
        (b"  \n", "a.txt", "Nothing is written"),
        (b"\xff\xfe\xff", "a.md", "Save it as UTF-8"),
    ]:
        with pytest.raises(BadInput, match=why):
            await mnemos.import_file(data, name=name)
