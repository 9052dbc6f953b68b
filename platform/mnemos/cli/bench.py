"""`mnemos bench`."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from mnemos import __version__
from mnemos.bench_recall import dataset
from mnemos.bench_recall.evaluation import evaluate
from mnemos.bench_recall.figures import Figures
from mnemos.cli.options import as_json
from mnemos.cli.output import bar, say_json
from mnemos.settings import Settings
from mnemos.wiring import open_parts
from mnemos_graph.memory.services import open_services
from mnemos_graph.model import Access, OrganizationId

BENCH = Access(OrganizationId("bench"), "local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    turns: int
    seconds: float
    load: float
    """Of the machine in the last minute, when it was done."""
    version: str
    figures: Mapping[str, Figures]
    """By the way of searching."""


@click.group("bench")
def command() -> None:
    """Measure."""


@command.command("recall")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def recall(*, path: Path, json: bool) -> None:
    """Say how much of the evidence recall finds for the questions in PATH, LoCoMo's format.

    The conversations are kept word for word in a folder of their own, which is then deleted. Plain
    search by vector and by words runs beside it, over the same turns.
    """
    conversations = dataset.read(path)
    with tempfile.TemporaryDirectory(prefix="mnemos-bench-") as folder:
        settings = replace(Settings.load({}), data=Path(folder))
        measured = asyncio.run(_measured(settings, conversations))
    if json:
        say_json(measured)
    else:
        _say(measured)


async def _measured(settings: Settings, conversations: Sequence[dataset.Conversation]) -> Measured:
    began = time.perf_counter()
    async with open_parts(settings) as opened, open_services(opened.parts) as services:
        with bar() as progress:
            task = progress.add_task("Conversations", total=len(conversations))
            figures = await evaluate(
                services,
                BENCH,
                conversations,
                opened.parts.embedder,
                progress=lambda _: progress.advance(task),
            )
    return Measured(
        turns=sum(len(each.turns) for each in conversations),
        seconds=round(time.perf_counter() - began, 1),
        load=round(os.getloadavg()[0], 2),
        version=__version__,
        figures=figures,
    )


def _say(measured: Measured) -> None:
    console = Console()
    for way, figures in measured.figures.items():
        console.print(_table(way, figures))
    console.print(
        f"{measured.turns} turns in {measured.seconds} s at a load of {measured.load}; "
        "T500: within 500 tokens; 'all' leaves adversarial questions out."
    )


def _table(way: str, figures: Figures) -> Table:
    names = list(figures.all_questions.figures)
    table = Table("questions", "n", *map(_short, names), title=way, box=SIMPLE)
    for row, summary in (*figures.categories.items(), ("all", figures.all_questions)):
        table.add_row(row, str(summary.questions), *_shares(summary.figures, names))
    table.add_row("each conversation alike", "", *_shares(figures.mean_of_conversations, names))
    return table


def _short(name: str) -> str:
    """Return a figure's name as it fits above its column: R@10, T500."""
    return name.replace("recall@", "R@").replace("within_", "T").removesuffix("_tokens")


def _shares(figures: Mapping[str, float], names: Sequence[str]) -> list[str]:
    return [f"{figures[name]:.3f}" for name in names]
