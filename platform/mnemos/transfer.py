"""Files in and out over HTTP, as streams: `POST /import` and `GET /export`."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, BinaryIO, cast

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mnemos.answers import failed, json_response
from mnemos.door import secret_of
from mnemos.importing.documents.opening import form_of, open_document
from mnemos.importing.items import Broken, Options
from mnemos.importing.reading import DOCUMENTS, Format, read
from mnemos.program import Program
from mnemos_graph.errors import BadInput, MnemosError, TooMuch, Unavailable
from mnemos_graph.feed import cursor
from mnemos_graph.identity import REVEAL, Caller
from mnemos_graph.memory.remember.telling import Telling
from mnemos_graph.memory.transfer.importing import Found
from mnemos_graph.memory.transfer.portable import exported

MOST_BROKEN_NAMED = 100
"""Broken parts of a file that are named in the answer; all are counted."""
_CHUNK = 262_144
_FLAGS: Mapping[str, bool] = {"true": True, "false": False}
_PARAMETERS = frozenset({"user", "agent", "verbatim", "format", "name"})
_DOCUMENTS_AT_ONCE = 2
"""Each is read by a process of its own; who comes then waits."""

Answer = Callable[[Request, Caller], Awaitable[Response]]


class Transfer:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._opening = asyncio.Semaphore(_DOCUMENTS_AT_ONCE)
        self.routes = [
            Route("/import", self._guarded(self._import, "write"), methods=["POST"]),
            Route("/export", self._guarded(self._export, "read"), methods=["GET"]),
        ]

    def _guarded(self, answer: Answer, permission: str) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                if self._program.connections.draining:
                    raise Unavailable("Mnemos is stopping. Ask again in a moment.")
                caller = await self._program.door.admit(request, secret_of(request.headers))
                caller.require(permission)
                return await answer(request, caller)
            except MnemosError as error:
                return failed(error)

        return guarded

    async def _import(self, request: Request, caller: Caller) -> Response:
        """Take a file in: answer with the job that does it, and what of the file is broken."""
        options, form = _options(request.query_params)
        folder = self._program.settings.data
        with tempfile.TemporaryFile(dir=folder if folder.is_dir() else None) as spooled:
            file = cast("BinaryIO", spooled)
            digest = await _spool(request, file, self._program.settings.import_bytes)
            whence = f"{digest} {options} {form}"
            form = form or await asyncio.to_thread(form_of, file, options.name)
            if form in DOCUMENTS:
                async with self._opening:
                    document = await open_document(file, form, options, digest)
                found, broken = Found(documents=[document], digest=whence), list[Broken]()
            else:
                found, broken = await asyncio.to_thread(_found, file, options, form, whence)
        if not found.count and broken:
            raise BadInput(
                f"Nothing in the file can be taken in. {broken[0].where}: {broken[0].why}"
            )
        services, access = self._program.services, caller.access
        key = request.headers.get("idempotency-key")
        started = await services.importing.submit(access, found, key)
        (head,) = await services.store.heads([access])
        told = {
            "jobId": started.record.id,
            "position": cursor.encode(access.organization, head.epoch, started.position),
            "brokenCount": len(broken),
            "broken": [
                {"where": each.where, "why": each.why} for each in broken[:MOST_BROKEN_NAMED]
            ],
        }
        return json_response(told, 202)

    async def _export(self, request: Request, caller: Caller) -> Response:
        """Give everything that is known, or all of one user, as lines; secrets only if asked."""
        secrets = _flag(request.query_params, "secrets")
        if secrets:
            caller.require(REVEAL)
        user = request.query_params.get("user")
        store = self._program.services.store
        lines = exported(store, caller.access, user, secrets=secrets)
        return StreamingResponse(
            _chunks(lines),
            media_type="application/x-ndjson",
            headers={"content-disposition": 'attachment; filename="mnemos.jsonl"'},
        )


def _options(given: Mapping[str, str]) -> tuple[Options, Format | None]:
    if unknown := set(given) - _PARAMETERS:
        raise BadInput(
            f"{min(unknown)!r} is no parameter. Give some of {', '.join(sorted(_PARAMETERS))}."
        )
    verbatim = _flag(given, "verbatim")
    form = given.get("format")
    if form is not None and form not in set(Format):
        raise BadInput(f"format is {form!r}. Give one of {', '.join(Format)}.")
    options = Options(
        user_id=given.get("user"),
        agent_id=given.get("agent"),
        verbatim=verbatim,
        name=given.get("name"),
    )
    options.scope(None, None)
    return options, Format(form) if form else None


def _flag(given: Mapping[str, str], name: str) -> bool:
    found = _FLAGS.get(given.get(name, "false"))
    if found is None:
        raise BadInput(f"{name} is {given[name]!r}. Give true or false.")
    return found


async def _spool(request: Request, file: BinaryIO, most: int) -> str:
    """Write the body into ``file`` and return its SHA-256.

    Raises:
        TooMuch: it is larger than ``most`` bytes.
        BadInput: the client went away before its end.
    """
    digest, size, held = hashlib.sha256(), 0, bytearray()
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise TooMuch(f"The file has more than {most} bytes. Split it.")
            held += chunk
            if len(held) >= _CHUNK:
                digest.update(held)
                await asyncio.to_thread(file.write, bytes(held))
                held.clear()
    except ClientDisconnect as gone:
        raise BadInput("The file was cut off. Send it again.") from gone
    digest.update(held)
    file.write(held)
    file.flush()
    file.seek(0)
    return digest.hexdigest()


def _found(
    file: BinaryIO, options: Options, form: Format | None, whence: str
) -> tuple[Found, list[Broken]]:
    tellings, records, broken = [], [], []
    for item in read(file, options, form):
        if isinstance(item, Broken):
            broken.append(item)
        elif isinstance(item, Telling):
            tellings.append(item)
        else:
            records.append(item)
    return Found(tellings=tellings, records=records, digest=whence), broken


async def _chunks(lines: AsyncGenerator[Mapping[str, Any], None]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for line in lines:
        held += msgspec.json.encode(line) + b"\n"
        if len(held) >= _CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)
