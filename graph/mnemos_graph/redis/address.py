"""Where Redis is: what its URL says, and how the keys and channels of one installation are named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mnemos_graph.errors import BadInput

VERSION = 1
"""Grows when what is said or kept in Redis changes its form: old and new processes then do not
hear each other, and find what they missed in the log."""
PORT = 6379
SENTINEL_PORT = 26379
_FORMS = (
    "Write redis://[user:password@]host[:port][/db], rediss:// for TLS, "
    "redis+sentinel://host:port,host:port/service, or redis+cluster://host:port,host:port."
)
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_PREFIX = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Form(Enum):
    """What stands at the address."""

    ONE = "one server"
    SENTINEL = "sentinels"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    form: Form
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    service: str = ""
    """What the sentinels call the server."""
    db: int = 0
    prefix: str = "mnemos"
    """Begins every name: installations that share a server differ in it."""
    files: tuple[tuple[str, str], ...] = ()
    """Of TLS: the authority (`ssl_ca_certs`), and a certificate and key of our own."""
    sentinel_password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The address without its secrets."""
        return ",".join(f"{host}:{port}" for host, port in self.hosts)

    def name(self, *parts: str) -> str:
        """Return a key or a channel. Channels know no database, so the name says it."""
        return ":".join((self.prefix, str(VERSION), str(self.db), *parts))

    def reaching(self) -> dict[str, Any]:
        """Return how redis-py reaches any one server of it: rights and TLS."""
        options: dict[str, Any] = {"username": self.username, "password": self.password}
        return options | self.secured()

    def secured(self) -> dict[str, Any]:
        return {"ssl": True, **dict(self.files)} if self.tls else {}


def parse(url: str) -> Address:
    """Return what a URL says.

    Query: `prefix` begins every name (else `mnemos`); `ssl_ca_certs`, `ssl_certfile` and
    `ssl_keyfile` are paths; `sentinel_password` is the sentinels' own.

    Raises:
        BadInput: it says nothing that can be opened. The message repeats none of its secrets.
    """
    scheme, _, rest = url.partition("://")
    base, _, form = scheme.partition("+")
    known = {"": Form.ONE, "sentinel": Form.SENTINEL, "cluster": Form.CLUSTER}
    if base not in ("redis", "rediss") or form not in known or not rest:
        raise BadInput(f"This is no address of a Redis. {_FORMS}")
    place, _, query = rest.partition("?")
    place, _, path = place.partition("/")
    rights, _, hosts = place.rpartition("@")
    username, _, password = rights.partition(":")
    places = tuple(_host(each, known[form]) for each in hosts.split(","))
    service, db = _path(known[form], [unquote(part) for part in path.split("/") if part])
    options = _options(query)
    return Address(
        form=known[form],
        tls=base == "rediss",
        hosts=places,
        username=unquote(username) or None,
        password=unquote(password) or None,
        service=service,
        db=db,
        prefix=options.pop("prefix", "mnemos"),
        sentinel_password=options.pop("sentinel_password", None),
        files=tuple(options.items()),
    )


def _host(text: str, form: Form) -> tuple[str, int]:
    try:
        split = urlsplit(f"//{text}")
        host, port = split.hostname, split.port
    except ValueError:
        host = port = None
    if not host or not re.fullmatch(r"[^@/]+", text):
        raise BadInput(f"A host of this address cannot be read. {_FORMS}")
    return host, port or (SENTINEL_PORT if form is Form.SENTINEL else PORT)


def _path(form: Form, parts: list[str]) -> tuple[str, int]:
    """Return the service and the database."""
    service = ""
    if form is Form.SENTINEL:
        if not parts:
            raise BadInput("Name the service behind the host of a sentinel: …host:26379/mymaster.")
        service = parts.pop(0)
    if form is Form.CLUSTER and parts:
        raise BadInput("A cluster has no databases: leave out what stands behind its hosts.")
    if not parts:
        return service, 0
    if len(parts) > 1 or not parts[0].isdecimal():
        raise BadInput("The database of a Redis is a number: …host:6379/0.")
    return service, int(parts[0])


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query))
    known = ("prefix", *_FILES, "sentinel_password")
    if unknown := sorted(options.keys() - set(known)):
        raise BadInput(f"{unknown[0]!r} is no option of a Redis. There are {', '.join(known)}.")
    if not _PREFIX.fullmatch(options.get("prefix", "mnemos")):
        raise BadInput("The prefix has up to 64 letters, digits and any of . _ -.")
    for name in options.keys() & set(_FILES):
        if not Path(options[name]).is_file():
            raise BadInput(f"There is no file {options[name]!r}, which {name} names.")
    return options
