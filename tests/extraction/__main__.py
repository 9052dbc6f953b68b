"""``python -m tests.extraction FILE …``: list the differences of working parts, and their score.

With ``--model URL`` a language model reads them (its key is in ``MNEMOS_MODEL_KEY`` or in its
provider's own variable); ``--record FILE`` keeps its answers, which ``--recorded FILE`` scores again
without it. ``--all`` adds the score of what is held out.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from pkgutil import resolve_name

from mnemos.language_models import open_models
from mnemos.part_url import PartUrl
from mnemos.settings import Settings
from mnemos_graph.language.bills import Bill
from mnemos_graph.language.extractor import Extractor
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.language.models.extracting import ModelExtractor
from mnemos_graph.language.offline.extractor import OfflineExtractor
from tests.extraction.conversations import HELD_OUT, WORKING, read
from tests.extraction.judging import differences, scored
from tests.extraction.recorded import Recorded, Recording
from tests.extraction.telling import outcomes


async def show(options: argparse.Namespace) -> None:
    files = options.files or list(WORKING)
    async with reader(options) as extractor:
        await _show(files, extractor, told=True)
        if options.all:
            await _show(HELD_OUT, extractor, told=False)


async def _show(files: Sequence[str], extractor: Extractor, *, told: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_minilm() as model:
            found = await outcomes(read(files), extractor, model, Path(folder))
    for outcome in found if told else ():
        if lines := list(differences(outcome)):
            said = [each.text for each in outcome.conversation.messages]
            sys.stdout.write("\n".join([outcome.conversation.name, *map(repr, said), *lines, "\n"]))
    sys.stdout.write(f"{', '.join(files)}:\n{scored(found)}\n")


@asynccontextmanager
async def reader(options: argparse.Namespace) -> AsyncGenerator[Extractor, None]:
    """Open what reads: a model, its recorded answers, or patterns."""
    if options.recorded:
        yield ModelExtractor(Recorded(options.recorded))
        return
    if not options.model:
        yield OfflineExtractor()
        return
    books = Bill()
    settings = Settings.load({"model": PartUrl(options.model)})
    async with open_models(settings, books, resolve_name) as chain:
        recording = Recording(chain.model)
        yield ModelExtractor(recording)
    if options.record:
        recording.save(options.record)
    dollars = "no known price" if books.dollars is None else f"${books.dollars:.4f}"
    calls = sum(spent.calls for spent in books.by_model.values())
    failures = sum(spent.failures for spent in books.by_model.values())
    sys.stdout.write(f"{recording.name}: {calls} calls, {failures} failed, {dollars}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.extraction", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--model", metavar="URL", help="as MNEMOS_MODEL")
    parser.add_argument("--record", type=Path, metavar="FILE", help="where to keep its answers")
    parser.add_argument("--recorded", type=Path, metavar="FILE", help="answers to score again")
    parser.add_argument("--all", action="store_true", help="score what is held out as well")
    options = parser.parse_args(arguments)
    if unknown := set(options.files) - set(WORKING):
        parser.error(f"{unknown.pop()} is not one of {WORKING}: only its score is looked at")
    asyncio.run(show(options))


if __name__ == "__main__":
    main()
