from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from mnemos_graph.feed import Journal, LocalBus
from mnemos_graph.identity import LOCAL
from mnemos_graph.memory.jobs.jobs import Jobs, NewJob
from mnemos_graph.memory.jobs.runner import Runner
from mnemos_graph.model import Access, Spending
from mnemos_graph.sqlite import SqliteStore
from mnemos_graph.store import ChangeSet, Put
from tests.graph.memory.conftest import Calendar
from tests.graph.memory.working import ended
from tests.platform.cli.running import mnemos
from tests.process import mnemos_serve

HERE = Access(LOCAL.id, "local")
QUIET = {"MNEMOS_EMBEDDER": "none:", "MNEMOS_VECTORS": "none:"}


async def failed(folder: Path) -> str:
    """Leave a job in the store that has failed, and one that has not begun; return the first."""
    store, clock = await SqliteStore.open(folder), Calendar()
    journal = Journal(store, LocalBus())
    jobs = Jobs(journal, clock)
    job = (await jobs.submit(HERE, NewJob(kind="odd"))).record
    async with Runner(journal, jobs, {}, clock):
        await ended(journal, job.id, HERE)
    await jobs.submit(HERE, NewJob(kind="reindex"))
    await store.close()
    return job.id


async def test_jobs_are_listed_by_state_and_shown(tmp_path: Path) -> None:
    id_ = await failed(tmp_path)
    every = json.loads((await mnemos(tmp_path, "jobs", "list", "--json")).said)
    assert [each["state"] for each in every] == ["QUEUED", "FAILED"]
    (listed,) = json.loads(
        (await mnemos(tmp_path, "jobs", "list", "--state", "failed", "--json")).said
    )
    shown = await mnemos(tmp_path, "jobs", "show", id_, "--json", **QUIET)
    assert listed["id"] == json.loads(shown.said)["id"] == id_
    told = (await mnemos(tmp_path, "jobs", "list", "--state", "failed")).said
    assert "This program knows no job of the kind 'odd'." in told


async def test_what_a_job_cost_is_told(tmp_path: Path) -> None:
    store, clock = await SqliteStore.open(tmp_path), Calendar()
    job = (await Jobs(Journal(store, LocalBus()), clock).submit(HERE, NewJob(kind="import"))).record
    spent = Spending(model="a:b", calls=3, read=9_000, written=400, dollars=0.0123)
    await store.commit(HERE, ChangeSet((Put(replace(job, version=2, spent=(spent,))),)))
    await store.close()
    assert "  3 calls, 9,400 tokens, $0.0123" in (await mnemos(tmp_path, "jobs", "list")).said
    shown = await mnemos(tmp_path, "jobs", "show", job.id, "--json", **QUIET)
    assert json.loads(shown.said)["cost"]["models"][0]["tokensRead"] == 9_000


async def test_a_job_that_has_failed_is_queued_again(tmp_path: Path) -> None:
    id_ = await failed(tmp_path)
    assert (await mnemos(tmp_path, "jobs", "retry", id_)).status == 0
    again = await mnemos(tmp_path, "jobs", "retry", id_)
    assert again.complaint == "Error: This job is queued; only one that has failed is run again."


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    gone = await mnemos(tmp_path, "jobs", "retry", "none")
    assert gone.complaint.startswith("Error: There is no job 'none'")
    unknown = await mnemos(tmp_path, "jobs", "list", "--org", "acne")
    assert unknown.complaint.startswith("Error: There is no organization 'acne'")


async def test_jobs_in_a_folder_that_a_server_holds_are_out_of_reach(tmp_path: Path) -> None:
    async with mnemos_serve(tmp_path) as server:
        refused = await mnemos(tmp_path, "jobs", "list")
    assert f"is held by the Mnemos server at http://{server.address}" in refused.complaint


async def test_a_worker_needs_what_processes_share(tmp_path: Path) -> None:
    refused = await mnemos(tmp_path, "worker")
    assert refused.status == 1
    assert refused.complaint.startswith("Error: MNEMOS_STORE is sqlite:, which is one process's")
    beside = {"MNEMOS_STORE": "neo4j://u:p@127.0.0.1:9", "MNEMOS_VECTORS": "none:"}
    refused = await mnemos(tmp_path, "worker", **beside)
    assert refused.complaint.startswith("Error: MNEMOS_BUS is local:, which is one process's")
