"""Reading in a process of its own what could lead its reader astray.

A page or PDF that was made for it can keep any parser busy for hours, or have it unpack gigabytes.
In this process that would hold up everybody; a process apart has bounds, and ends at them.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import BinaryIO

import msgspec

from mnemos.importing.documents.child import Refusal
from mnemos.importing.documents.told import Told
from mnemos_graph.errors import BadInput, TooMuch

LONGEST = 120.0
"""Seconds, also where the machine is busy."""
_TOO_MUCH = "The document takes more than a minute of computing, or too much memory. Split it."


async def read_apart(file: BinaryIO, form: str) -> Told:
    """Return what is found in a file from its beginning on.

    Raises:
        BadInput: it is damaged, locked, or nothing is written in it.
        TooMuch: there is too much in it, or reading it takes too long.
    """
    file.seek(0)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "mnemos.importing.documents.child", form),
        stdin=file,
        stdout=PIPE,
        stderr=DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(LONGEST):
            answer, _ = await child.communicate()
    except TimeoutError as late:
        raise TooMuch(_TOO_MUCH) from late
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise TooMuch(_TOO_MUCH)
    return await asyncio.to_thread(_told, answer)


def _told(answer: bytes) -> Told:
    told: Told | Refusal
    try:
        told = msgspec.json.decode(answer, type=Told)
    except msgspec.ValidationError:
        told = msgspec.json.decode(answer, type=Refusal)
    if isinstance(told, Refusal):
        raise (TooMuch if told.too_much else BadInput)(told.refused)
    return told
