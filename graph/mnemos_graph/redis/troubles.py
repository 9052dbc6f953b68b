"""What is wrong with a Redis, in one line that says what to do and holds no secret."""

from __future__ import annotations

import redis.exceptions as lib
from redis.asyncio.sentinel import MasterNotFoundError

from mnemos_graph.errors import BadInput, MnemosError, Unavailable
from mnemos_graph.redis.address import Address

Troubles = (lib.RedisError, lib.RedisClusterException, OSError, EOFError)
"""What redis-py raises when a server cannot be reached or does not do what it is asked."""

_SAID: tuple[tuple[type[Exception], type[MnemosError], str], ...] = (
    (
        lib.NoPermissionError,
        BadInput,
        "The Redis at {where} forbids its user what is needed. Allow +@all ~{prefix}:* &{prefix}:*.",
    ),
    (
        lib.AuthenticationError,
        BadInput,
        "The Redis at {where} refuses the password. Give its own: redis://:password@host.",
    ),
    (
        lib.BusyLoadingError,
        Unavailable,
        "The Redis at {where} is still loading its data. Wait for it.",
    ),
    (
        lib.ReadOnlyError,
        BadInput,
        "The Redis at {where} is a replica. Name the one that takes writes.",
    ),
    (
        MasterNotFoundError,
        Unavailable,
        "The sentinels at {where} know no {service!r} that is up. Start it, or correct its name.",
    ),
    (
        lib.ClusterDownError,
        Unavailable,
        "The cluster at {where} is down or not whole. See `CLUSTER INFO` there.",
    ),
    (lib.MovedError, BadInput, "The Redis at {where} is a cluster. Write redis+cluster:// for it."),
    (
        lib.RedisClusterException,
        Unavailable,
        "No cluster answers at {where}. Start it, or write redis:// for a single server.",
    ),
    (
        lib.ResponseError,
        Unavailable,
        "The Redis at {where} does not do what it is asked. See its log.",
    ),
)
_NO_TLS = (
    "The Redis at {where} speaks no TLS that is trusted. Name its authority with "
    "?ssl_ca_certs=FILE, or write redis:// where it speaks none."
)
_LATE = (
    "The Redis at {where} does not answer in time. Look whether it runs, and whether a firewall "
    "stands before it."
)
_LATE_WITH_TLS = f"{_LATE} Where it speaks no TLS, write redis://."
_NOBODY = "No Redis answers at {where}. Start it, or correct the host and port."


def trouble(address: Address, error: BaseException) -> MnemosError:
    """Return what to tell of an error, for a person who can mend it."""
    outcome, said = _outcome(address, error)
    words = {"where": address.shown, "prefix": address.prefix, "service": address.service}
    return outcome(said.format(**words))


def _outcome(address: Address, error: BaseException) -> tuple[type[MnemosError], str]:
    for raised, outcome, said in _SAID:
        if isinstance(error, raised) or isinstance(error.__cause__, raised):
            return outcome, said
    if "SSL" in f"{error} {error.__cause__}":
        return BadInput, _NO_TLS
    if isinstance(error, lib.TimeoutError | TimeoutError):
        return Unavailable, _LATE_WITH_TLS if address.tls else _LATE
    return Unavailable, _NOBODY
