"""Every form of URL over the real thing, and what is said of a Redis that cannot be used."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import Connection

from mnemos_graph.errors import BadInput, MnemosError, Unavailable
from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.redis import RedisParts, open_redis
from tests.graph.redis.conftest import opened
from tests.servers.owned import Owned, free_port, program
from tests.servers.redis import GETS_IT, RedisServer, redis_server
from tests.servers.relay import relay
from tests.waiting import until

pytestmark = pytest.mark.server
SECRET = "hunter2"


async def check_all(here: RedisParts, there: RedisParts, key: str = "key") -> None:
    """Use everything that a Redis is used for, between two processes."""
    heard: list[int] = []
    there.bus.listen(lambda _, position: heard.append(position), lambda: None)
    async with asyncio.timeout(15):
        while 5 not in heard:  # a hint may be lost just after a break
            await here.bus.publish(OrganizationId("acme"), Position(5))
            await asyncio.sleep(0.1)
    assert [await each.buckets.take(key, 1, 1) for each in (here, there)] == [True, False]
    async with here.leases.hold("one"), there.leases.hold("other"):
        await here.ping()


async def said(redis: Redis, *words: str | int) -> bytes | list[bytes]:
    """Return what a server answers, as it says it."""
    connection = Connection(**redis.connection_pool.connection_kwargs)
    try:
        await connection.send_command(*words)
        answer: bytes | list[bytes] = await connection.read_response()
        return answer
    finally:
        await connection.disconnect()


async def says(redis: Redis, words: str, told: bytes) -> None:
    """Wait until a server says it."""
    async with asyncio.timeout(15):
        while told not in await said(redis, *words.split(",")):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.02)


async def complaint(url: str) -> MnemosError:
    with pytest.raises(MnemosError) as told:
        async with open_redis(url):
            pass
    assert "\n" not in str(told.value)
    assert SECRET not in str(told.value)
    return told.value


async def test_one_server_with_a_password(tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--requirepass", SECRET) as server:
        url = server.url.replace("//", f"//:{SECRET}@")
        async with opened(url) as here, opened(url) as there:
            await check_all(here, there)
        for wrong in (server.url, server.url.replace("//", "//:other@")):
            told = await complaint(wrong)
            assert isinstance(told, BadInput)
            assert "refuses the password" in str(told)


async def test_a_cluster_with_sharded_hints(tmp_path: Path) -> None:
    nodes = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    async with redis_server(tmp_path, *nodes) as server:
        assert "is down or not whole" in str(await complaint(server.url))
        async with Redis.from_url(server.url) as redis:
            await said(redis, "CLUSTER ADDSLOTSRANGE", 0, 16383)
            await says(redis, "CLUSTER INFO", b"cluster_state:ok")
            assert "Write redis+cluster:// for it." in str(await complaint(server.url))
            url = f"redis+cluster://127.0.0.1:{server.port}"
            async with opened(url) as here, opened(url) as there:
                await check_all(here, there)
                channels = await said(redis, "PUBSUB SHARDCHANNELS")
                assert channels == [b"mnemos:1:0:hints"]
                missed: list[int] = []
                there.bus.listen(lambda *_: None, lambda: missed.append(1))
                await asyncio.to_thread(server.restart)
                await until(lambda: len(missed) > 0)
                await says(redis, "CLUSTER INFO", b"cluster_state:ok")
                await check_all(here, there, "after")


async def test_no_cluster_where_one_was_named(shared_redis: RedisServer) -> None:
    told = await complaint(f"redis+cluster://127.0.0.1:{shared_redis.port}")
    assert "or write redis:// for a single server" in str(told)


@pytest.fixture
async def sentinel(tmp_path: Path) -> AsyncGenerator[tuple[RedisServer, RedisServer, int], None]:
    """A server, its replica, and the port of a sentinel that watches them."""
    settings, port = tmp_path / "sentinel.conf", free_port()
    async with (
        redis_server(tmp_path / "one") as one,
        redis_server(tmp_path / "two", "--replicaof", "127.0.0.1", str(one.port)) as two,
    ):
        settings.write_text(
            f"port {port}\ndir {tmp_path}\nbind 127.0.0.1\n"
            f"sentinel monitor live 127.0.0.1 {one.port} 1\n"
            "sentinel down-after-milliseconds live 500\nsentinel failover-timeout live 2000\n"
        )
        command = (program("redis-server", GETS_IT), settings, "--sentinel")
        watching = Owned(command, port=port, log=tmp_path / "sentinel.log")
        try:
            await asyncio.to_thread(watching.wait_until_it_listens)
            async with Redis(port=port) as asked:
                await says(asked, "INFO,sentinel", b"slaves=1")
            yield one, two, port
        finally:
            watching.end()


@pytest.mark.timeout(60)
async def test_sentinels_lead_to_the_server_that_takes_over(
    sentinel: tuple[RedisServer, RedisServer, int],
) -> None:
    one, two, port = sentinel
    url = f"redis+sentinel://127.0.0.1:{port}/live"
    assert "know no 'dead'" in str(await complaint(url.replace("live", "dead")))
    assert "is a replica" in str(await complaint(two.url))
    async with opened(url) as here, opened(url) as there:
        await check_all(here, there)
        missed: list[int] = []
        there.bus.listen(lambda *_: None, lambda: missed.append(1))
        one.end()
        await until(lambda: len(missed) > 0)
        await check_all(here, there, "after")


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """An authority of its own, and what it certified for 127.0.0.1."""
    openssl = program("openssl", "apt-get install openssl")
    key, authority = tmp_path / "ca.key", tmp_path / "ca.crt"
    made = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    names = ("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    run = (openssl, *made, "-keyout", key, "-out", authority, *names)
    subprocess.run(run, check=True, capture_output=True)
    return tmp_path


async def test_tls_with_an_authority_of_ones_own(certificates: Path, tmp_path: Path) -> None:
    key, authority, port = certificates / "ca.key", certificates / "ca.crt", free_port()
    files = (f"--tls-cert-file {authority} --tls-key-file {key} --tls-ca-cert-file {authority}",)
    options = [word for each in files for word in each.split()]
    async with redis_server(
        tmp_path / "server", *options, "--tls-auth-clients", "no", "--tls-port", str(port)
    ) as server:
        plain = f"rediss://127.0.0.1:{port}"
        async with (
            opened(f"{plain}?ssl_ca_certs={authority}") as here,
            opened(f"{plain}?ssl_ca_certs={authority}") as there,
        ):
            await check_all(here, there)
        assert "no TLS that is trusted" in str(await complaint(plain))
        assert isinstance(await complaint(f"redis://127.0.0.1:{port}"), Unavailable)
        await complaint(f"rediss://127.0.0.1:{server.port}")


async def test_nobody_there(shared_redis: RedisServer) -> None:
    port = free_port()
    told = await complaint(f"redis://:{SECRET}@127.0.0.1:{port}")
    assert isinstance(told, Unavailable)
    assert f"No Redis answers at 127.0.0.1:{port}." in str(told)


async def test_one_that_does_not_answer(shared_redis: RedisServer) -> None:
    async with relay(*shared_redis.address) as door:
        door.hold()
        told = await complaint(f"redis://127.0.0.1:{door.port}")
        assert "does not answer in time" in str(told)


@pytest.mark.parametrize(
    ("options", "keeps"),
    [
        (("--appendonly", "yes"), "yes"),
        ((), "no"),
        (("--save", "3600 1"), "yes"),
        (("--appendonly", "yes", "--rename-command", "CONFIG", ""), "yes"),
        (("--rename-command", "CONFIG", ""), "untold"),
    ],
)
async def test_it_is_known_whether_it_keeps_what_it_has(
    tmp_path: Path, options: tuple[str, ...], keeps: str
) -> None:
    async with (
        redis_server(tmp_path, *options, appends=False) as server,
        open_redis(server.url) as parts,
    ):
        assert {True: "yes", False: "no", None: "untold"}[parts.persistent] == keeps


async def test_a_user_with_few_rights_is_enough_and_without_them_is_told(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as server, Redis.from_url(server.url) as redis:
        few = (f">{SECRET}", "~mnemos:*", "&mnemos:*", "+@all", "-@admin", "-@dangerous")
        await said(redis, "ACL SETUSER", "few", "on", *few)
        await said(redis, "ACL SETUSER", "none", "on", f">{SECRET}", "+ping")
        url = server.url.replace("//", f"//few:{SECRET}@")
        async with opened(url) as here, opened(url) as there:
            await check_all(here, there)
            assert here.persistent is None
        assert "forbids its user" in str(await complaint(url.replace("few", "none")))
