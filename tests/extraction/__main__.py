"""``python -m tests.extraction FILE …``: list the differences of working parts, and their score."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.language.offline.extractor import OfflineExtractor
from tests.extraction.conversations import WORKING, read
from tests.extraction.judging import differences, scored
from tests.extraction.telling import outcomes


async def show(files: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_minilm() as model:
            found = await outcomes(read(files), OfflineExtractor(), model, Path(folder))
    for outcome in found:
        if lines := list(differences(outcome)):
            said = [each.text for each in outcome.conversation.messages]
            sys.stdout.write("\n".join([outcome.conversation.name, *map(repr, said), *lines, "\n"]))
    sys.stdout.write(f"{scored(found)}\n")


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m tests.extraction", description=__doc__)
    options.add_argument("files", nargs="*", metavar="FILE")
    files = options.parse_args().files or list(WORKING)
    if held_out := set(files) - set(WORKING):
        options.error(f"{held_out.pop()} is not one of {WORKING}: only its score is looked at")
    asyncio.run(show(files))
