"""Connections to Redis, whether it is one server, one behind sentinels, or a cluster."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import SlotNotCoveredError
from redis.maint_notifications import MaintNotificationsConfig

from mnemos_graph.redis.address import Address, Form
from mnemos_graph.redis.cancelling import unless_cancelled

ANSWERS_SECONDS = 3.0
"""How long a server may take to be reached, and to answer."""
MOST_CONNECTIONS = 50

_ONCE_MORE = Retry(NoBackoff(), 1)
"""A cluster's client, unlike that of one server, finds out by using it that a connection is stale."""

Client: TypeAlias = "Redis | RedisCluster"


class Connection:
    """What a process says to Redis, and hears from it."""

    def __init__(self, address: Address, client: Client) -> None:
        self.address = address
        self.client = client

    async def publish(self, channel: str, payload: bytes) -> None:
        """Say something to all who are subscribed now.

        Raises:
            RedisError: nobody knows whether it was said.
        """
        command = "SPUBLISH" if self.address.form is Form.CLUSTER else "PUBLISH"
        await unless_cancelled(self.client.execute_command(command, channel, payload))

    async def evaluate(self, script: str, key: str, *arguments: bytes | str | float) -> Any:
        """Run a script over one key, where the key is.

        Raises:
            RedisError: nobody knows whether it ran.
        """
        return await unless_cancelled(self.client.eval(script, 1, key, *arguments))

    @asynccontextmanager
    async def subscription(self, channel: str) -> AsyncGenerator[PubSub, None]:
        """Subscribe over a connection of its own, to the server that the channel belongs to now.

        Raises:
            RedisError: there is none.
        """
        async with AsyncExitStack() as stack:
            client = await _server_of(self.address, channel, stack)
            pubsub = client.pubsub()
            stack.push_async_callback(pubsub.aclose)
            sharded = self.address.form is Form.CLUSTER
            await (pubsub.ssubscribe(channel) if sharded else pubsub.subscribe(channel))
            yield pubsub


@asynccontextmanager
async def connect(address: Address) -> AsyncGenerator[Connection, None]:
    """Make what connects when it is first used."""
    async with AsyncExitStack() as stack:
        if address.form is Form.CLUSTER:
            yield Connection(address, await _cluster(address, stack))
        else:
            yield Connection(address, await _server(address, stack))


def options() -> dict[str, Any]:
    """Return how we speak to any server: an error is ours to judge, never retried unseen."""
    return {
        "socket_timeout": ANSWERS_SECONDS,
        "socket_connect_timeout": ANSWERS_SECONDS,
        "protocol": 2,  # a ping on a subscribed connection is answered there, as a message
        "driver_info": None,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": MOST_CONNECTIONS,
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


async def _server_of(address: Address, channel: str, stack: AsyncExitStack) -> Redis:
    if address.form is not Form.CLUSTER:
        return await _server(address, stack)
    async with AsyncExitStack() as asking:
        cluster = await _cluster(address, asking)
        await cluster.initialize()
        node = cluster.get_node_from_key(channel)
    if node is None:
        raise SlotNotCoveredError(channel)
    client = Redis(host=node.host, port=int(node.port), **options(), **address.reaching())
    stack.push_async_callback(client.aclose)
    return client


async def _server(address: Address, stack: AsyncExitStack) -> Redis:
    common = options() | address.reaching() | {"db": address.db}
    if address.form is Form.ONE:
        (host, port), *_ = address.hosts
        client = Redis(host=host, port=port, **common)
    else:
        asked = options() | address.secured() | {"password": address.sentinel_password}
        sentinel = Sentinel(  # type: ignore[no-untyped-call]  # it has no types
            address.hosts, sentinel_kwargs=asked, **common
        )
        stack.push_async_callback(sentinel.aclose)
        client = sentinel.master_for(address.service)
    stack.push_async_callback(client.aclose)
    return client


async def _cluster(address: Address, stack: AsyncExitStack) -> RedisCluster:
    cluster = RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
        **options() | address.reaching() | {"retry": _ONCE_MORE},
    )
    stack.push_async_callback(cluster.aclose)
    return cluster
