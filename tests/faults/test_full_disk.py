"""A full disk: writes are refused with a typed error, reads go on, and writes come back with room."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.process import mnemos_serve
from tests.serving import Client

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

WRITE = """
mutation ($text: String!) { createMemory(input: {text: $text, scope: {}}) { memory { id } } }
"""
READ = """
query ($id: ID!) {
  position
  memory(id: $id) { text }
  recall(input: {query: "harbour", strategy: TEXT}) { hits { memory { id } } }
}
"""
MIB = 1 << 20


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a file system of its own, of 16 MiB."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)],
        check=True,
        capture_output=True,
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def can_mount() -> bool:
    folder = Path("/tmp") / f"mnemos-mount-{os.getpid()}"
    folder.mkdir()
    try:
        with small_disk(folder):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
    finally:
        folder.rmdir()


def fill_disk(folder: Path, *, full: bool) -> None:
    ballast = folder / "ballast"
    if not full:
        ballast.unlink()
        return
    with ballast.open("wb", buffering=0) as file:
        for size in (MIB, 4_096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


def limit_files(pid: int, folder: Path, *, full: bool) -> None:
    """Let no file of a process grow beyond the largest that it has, or beyond nothing again."""
    largest = max(each.stat().st_size for each in folder.glob("mnemos.db*"))
    limit = largest if full else resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


WAYS = ["a quota", *(["a small disk"] if can_mount() else [])]


@pytest.mark.parametrize("way", WAYS)
async def test_a_full_disk_stops_writes_alone_until_there_is_room(tmp_path: Path, way: str) -> None:
    with ExitStack() as stack:
        if way == "a small disk":
            stack.enter_context(small_disk(tmp_path))
        async with (
            mnemos_serve(tmp_path) as process,
            httpx.AsyncClient(base_url=f"http://{process.address}", timeout=30) as http,
        ):
            client = Client(process.address, http)

            def fill(*, full: bool) -> None:
                if way == "a quota":
                    limit_files(process.pid, tmp_path, full=full)
                else:
                    fill_disk(tmp_path, full=full)

            kept = (await client.ask(WRITE, text="the harbour"))["createMemory"]["memory"]["id"]
            before = await client.ask(READ, id=kept)
            fill(full=True)
            codes, written = await write_on(client)
            assert codes == ["UNAVAILABLE"] * 3
            during = await client.ask(READ, id=kept)
            assert during["memory"] == before["memory"] == {"text": "the harbour"}
            assert during["recall"] == before["recall"]
            fill(full=False)
            back = (await client.ask(WRITE, text="room"))["createMemory"]["memory"]["id"]
            for id_ in (*written, back):
                assert (await client.ask(READ, id=id_))["memory"] is not None


async def write_on(client: Client) -> tuple[list[str], list[str]]:
    """Write until three writes in a row were refused; return their codes, and what was kept."""
    codes: list[str] = []
    written: list[str] = []
    while len(codes) < 3:
        answer = await client.send(WRITE, text=f"{len(written)} " + "x" * 30_000)
        if "errors" in answer:
            (error,) = answer["errors"]
            assert "nothing was written" in error["message"] or "try again" in error["message"]
            codes.append(error["extensions"]["code"])
        else:
            codes.clear()
            written.append(answer["createMemory"]["memory"]["id"])
        assert len(written) < 1_000, "the disk never filled"
    return codes, written
