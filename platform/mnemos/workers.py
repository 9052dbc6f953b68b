"""Several processes that answer at one address, and the one that starts, watches and replaces them.

Each worker has a listening socket of its own at the same port, so that the system spreads
connections evenly, and opens it when it can answer. What a worker says of itself comes to the
master through a pipe, a line at a time. Neither gunicorn's log nor its settings are seen: they
follow from ours.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

import msgspec
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger
from uvicorn_worker import UvicornWorker

from mnemos.settings import Settings, SettingsError
from mnemos_graph.errors import MnemosError, Unavailable

SILENT_SECONDS = 60
"""How long a worker may say nothing before it is ended: its event loop is stuck."""
CLOSING_SECONDS = 5
"""What a worker may take beyond ``stop_seconds`` to close what it opened."""
LONGEST_START = 120.0
"""Seconds until a worker that was to take another's place is given up."""
BETWEEN_STARTS = 1.0
"""Seconds until a worker that could not start is replaced."""
HEARING_SECONDS = 0.1
BEAT_SECONDS = 1.0

log = logging.getLogger(__name__)


class Told(msgspec.Struct, frozen=True):
    """What a worker tells the master: that it serves, or why it cannot."""

    pid: int
    address: str = ""
    local: bool = False
    refused: str = ""
    later: bool = False
    """Whether it may be able to serve later."""


def keep(
    settings: Settings, listening: socket.socket, announce: Callable[[str, bool], None]
) -> None:
    """Keep ``settings.workers`` workers until interrupted.

    Args:
        settings: what the workers are.
        listening: bound to the address, and closed here: each worker listens for itself.
        announce: called once, as soon as the first worker serves.

    Raises:
        SettingsError: the workers cannot start, for a reason that a person can mend.
        Unavailable: they cannot start now.
    """
    master = os.getpid()
    with _reserved(listening) as bound:
        keeper = Keeper(Serving(settings), bound, announce)
        try:
            keeper.run()
        except SystemExit:
            if os.getpid() == master and keeper.refused:
                why = keeper.refused
                raise (Unavailable if why.later else SettingsError)(why.refused) from None
            raise


class Serving(BaseApplication):
    """What gunicorn is to keep: our settings in its words, and what its workers run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.served = False
        """Whether a worker ever served: from then on one that cannot start is tried again."""
        self.hearing, self._telling = os.pipe()
        os.set_blocking(self.hearing, False)
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "workers": self.settings.workers,
            "worker_class": "mnemos.workers.Worker",
            "logger_class": "mnemos.workers.Log",
            "timeout": SILENT_SECONDS,
            "graceful_timeout": round(self.settings.stop_seconds) + CLOSING_SECONDS,
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Load what answers; a worker does so, after it was forked."""
        return import_module("mnemos.serving").serve

    def tell(self, told: Told) -> None:
        os.write(self._telling, msgspec.json.encode(told) + b"\n")


class Keeper(Arbiter):
    """The master: knows which workers serve, and lets none go before its successor does."""

    def __init__(
        self, app: Serving, bound: socket.socket, announce: Callable[[str, bool], None]
    ) -> None:
        super().__init__(app)
        self.LISTENERS = [bound]
        self.refused: Told | None = None
        self._announce = announce
        self._serving: set[int] = set()
        self._leaving: set[int] = set()
        self._heard = b""
        self._ending = False
        self.cfg.set("child_exit", self._ended)

    def wait_for_signals(self, timeout: float = HEARING_SECONDS) -> list[int]:
        signals: list[int] = super().wait_for_signals(HEARING_SECONDS)
        self._hear()
        return signals

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - gunicorn's own
        self._ending = True
        super().stop(graceful)

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        self._hear()
        super().halt(None, 0 if self.refused else exit_status)

    def handle_int(self) -> None:
        self.handle_term()

    def handle_quit(self) -> None:
        self.handle_term()

    def handle_usr2(self) -> None:
        log.warning("SIGUSR2 means nothing here: send SIGHUP to replace the workers in turn")

    def handle_hup(self) -> None:
        """Replace the workers one after another. What was set at the start stays."""
        log.info("replacing %d workers in turn", len(self.WORKERS))
        if all(self._replaced(old) for old in sorted(self.WORKERS)):
            log.info("replaced the workers")

    def _replaced(self, old: int) -> bool:
        """Put a new worker in the place of an old one; return whether to go on so."""
        new = self.spawn_worker()
        if not self._until(lambda: new in self._serving or new not in self.WORKERS):
            return False
        if new not in self._serving:
            log.error("a new worker cannot serve: the others go on as they are")
            return False
        if old in self.WORKERS:
            self._leaving.add(old)
            self.kill_worker(old, signal.SIGTERM)
        return self._until(lambda: old not in self.WORKERS)

    def _until(self, done: Callable[[], bool]) -> bool:
        """Wait for a worker; return False where a signal or the time says to wait no longer."""
        give_up = time.monotonic() + LONGEST_START
        while not done():
            for sig in self.wait_for_signals():
                if sig == signal.SIGCHLD:
                    self.reap_workers()
                elif sig != signal.SIGHUP:
                    self.SIG_QUEUE.put_nowait(sig)
                    return False
            self.murder_workers()
            if time.monotonic() > give_up:
                log.error("a worker neither serves nor ends: the others go on as they are")
                return False
        return True

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._heard += os.read(self.app.hearing, 65_536)
        *lines, self._heard = self._heard.split(b"\n")
        for told in (msgspec.json.decode(line, type=Told) for line in lines):
            if told.refused:
                self.refused = self.refused or told
                continue
            self._serving.add(told.pid)
            if not self.app.served:
                self.app.served = True
                self._announce(told.address, told.local)

    def _ended(self, _: Arbiter, worker: Worker) -> None:
        asked, left = worker.pid in self._leaving, worker.pid
        self._serving.discard(left)
        self._leaving.discard(left)
        if self._ending or asked:
            return
        self._hear()
        if self.app.served:
            self.refused = None
            log.warning("worker %d has ended and is replaced", left)
            return
        if self.refused is None:
            reason = "A worker ended before it could serve. Its log says why, if it could."
            self.refused = Told(pid=left, refused=reason)
        raise HaltServer(self.refused.refused, 1)


class Worker(UvicornWorker):
    """One process that answers."""

    app: Serving

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("uvicorn.error", "uvicorn.access"):
            logging.getLogger(name).propagate = True

    def load_wsgi(self) -> None:
        """Load nothing yet: whatever fails is told by ``run``."""

    def run(self) -> None:
        try:
            super().run()
        except (SettingsError, MnemosError) as refused:
            later = isinstance(refused, MnemosError) and refused.retryable
            self._refuse(str(refused), later)
        except Exception:
            log.exception("a worker could not serve")
            self._refuse("A worker failed. The log says why.", later=False)

    async def _serve(self) -> None:
        stop = lambda: os.kill(os.getpid(), signal.SIGTERM)  # noqa: E731
        asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, stop)
        beating = asyncio.create_task(self._beat(stop), name="heartbeat")
        try:
            serve = await asyncio.to_thread(self.app.load)
            await serve(self.app.settings, self.sockets[0], _listening_too, self._ready)
        finally:
            beating.cancel()

    async def _beat(self, stop: Callable[[], None]) -> None:
        """Show the master that the loop turns, and end where there is no master any more."""
        while True:
            self.notify()
            if os.getppid() != self.ppid:
                log.error("the master is gone, and so is this worker")
                stop()
                return
            await asyncio.sleep(BEAT_SECONDS)

    def _ready(self, address: str, local: bool) -> None:  # noqa: FBT001 - as run.py is told
        log.info("worker %d serves", os.getpid())
        self.app.tell(Told(pid=os.getpid(), address=address, local=local))

    def _refuse(self, why: str, later: bool) -> None:  # noqa: FBT001
        if self.app.served:
            log.error("a worker cannot serve: %s", why)
            time.sleep(BETWEEN_STARTS)
        else:
            self.app.tell(Told(pid=os.getpid(), refused=why, later=later))


class Log(Logger):
    """gunicorn's log, as a part of ours: what goes wrong, but not every step."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log.propagate = True
        self.error_log.setLevel(max(logging.WARNING, logging.getLogger().level))


def _reserved(listening: socket.socket) -> socket.socket:
    """Give the address of a listening socket to sockets of several processes of this user.

    The one returned is bound and does not listen: it keeps the port while workers come and go.
    """
    family, address = listening.family, listening.getsockname()
    listening.close()
    return _bound(family, address)


def _listening_too(bound: socket.socket) -> socket.socket:
    own = _bound(bound.family, bound.getsockname())
    own.listen()
    own.settimeout(0)
    return own


def _bound(family: int, address: Any) -> socket.socket:
    # Named as TCP, so that the loop turns Nagle's algorithm off: 40 ms an answer otherwise.
    own = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    own.bind(address)
    return own
