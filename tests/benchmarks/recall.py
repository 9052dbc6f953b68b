"""How much of the evidence recall finds in real conversations, beside plain baselines.

Run it as ``python -m tests.benchmarks.recall PATH`` (or with ``RECALL_DATA``); it prints one JSON
object. PATH is a file in LoCoMo's format.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

from mnemos.bench_recall import dataset
from mnemos.bench_recall.evaluation import evaluate
from mnemos_graph.language.minilm import open_minilm
from mnemos_graph.memory.services import Parts, open_services
from mnemos_graph.model import Access, OrganizationId
from mnemos_graph.sqlite import SqliteStore


async def main(path: Path) -> dict[str, object]:
    conversations = dataset.read(path)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        store = await SqliteStore.open(Path(folder))
        async with (
            open_minilm() as model,
            open_services(Parts(store=store, embedder=model)) as services,
        ):
            access = Access(OrganizationId("bench"), actor="local")
            figures = await evaluate(services, access, conversations, model)
        await store.close()
    return {
        "what": "evidence recall, one turn one memory, one conversation one user",
        "turns": sum(len(each.turns) for each in conversations),
        **{way: each.as_json() for way, each in figures.items()},
        "seconds": round(time.perf_counter() - began, 1),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("path", type=Path, nargs="?", default=os.environ.get("RECALL_DATA"))
    given = options.parse_args()
    if given.path is None:
        options.error("name a file in LoCoMo's format, or set RECALL_DATA")
    print(json.dumps(asyncio.run(main(Path(given.path)))))  # noqa: T201 - its output
