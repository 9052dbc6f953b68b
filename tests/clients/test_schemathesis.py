"""Requests that others generate from the schema: no answer is one that we did not foresee."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "15")
"""For each field of Query and Mutation."""


async def test_every_answer_to_generated_requests_was_foreseen(
    served: Served, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{served.url}/graphql",
        f"--header=Authorization: Bearer {served.secret}",
        f"--max-examples={EXAMPLES}",
        "--phases=fuzzing",
        "--exclude-checks=not_a_server_error,positive_data_acceptance",
        "--no-color",
        "--warnings=off",
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.clients.foreseen"}
        | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told = printed.decode()
    assert process.returncode == 0, told
    assert re.search(r"(\d{3,}) generated, \1 passed", told), told
