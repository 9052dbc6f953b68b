"""A real Redis for tests: on a free port, over a folder of its own, gone with the test."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.servers.owned import Server, program, started, until_left

GETS_IT = "apt-get install redis-server"


class RedisServer(Server):
    """One `redis-server`, with further ``options``; ``appends``: it keeps what it has."""

    def __init__(self, folder: Path, options: Sequence[str] = (), *, appends: bool = True) -> None:
        self._options = tuple(options)
        self._appends = appends
        super().__init__(folder)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def kept(self) -> Path:
        return self.folder / "appendonlydir"

    def command(self) -> Sequence[str | Path]:
        persistence = ("yes", "always") if self._appends else ("no", "no")
        return (
            program("redis-server", GETS_IT),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder),
            *("--save", "", "--appendonly", persistence[0], "--appendfsync", persistence[1]),
            *self._options,
        )


def redis_server(
    folder: Path, *options: str, appends: bool = True
) -> AbstractAsyncContextManager[RedisServer]:
    program("redis-server", GETS_IT)
    return started(lambda: RedisServer(folder, options, appends=appends))


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Generator[RedisServer, None, None]:
    """One server for the tests of a process; each uses a prefix or an organization of its own."""
    with until_left(RedisServer(tmp_path_factory.mktemp("redis"))) as server:
        yield server
