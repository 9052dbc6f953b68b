"""Tools that others wrote, on the schema as it is served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnemos_schema.schema import schema
from tests.clients.node import HERE, node

pytestmark = pytest.mark.timeout(120)

_TSC = "node_modules/typescript/bin/tsc"
_CODEGEN = "node_modules/@graphql-codegen/cli/esm/bin.js"
_ESLINT = "node_modules/eslint/bin/eslint.js"
_USE = """
import type { RecallQuery } from './types/graphql';

export const best = (answer: RecallQuery): number =>
  Math.max(0, ...(answer.recall?.hits ?? []).map((hit) => hit.score));
"""


@pytest.fixture
def generated() -> Iterator[Path]:
    """A folder beside the tools, which look at nothing elsewhere, with the schema in it."""
    folder = HERE / "generated"
    folder.mkdir()
    (folder / "served.graphql").write_text(schema.as_str())
    yield folder
    shutil.rmtree(folder)


async def test_typed_clients_are_generated_from_it(generated: Path) -> None:
    await node(_CODEGEN, "--config", "codegen.mjs", GENERATED=f"./{generated.name}")
    use = generated / "use.ts"
    use.write_text(_USE)
    await node(_TSC, "--project", "tsconfig.json")
    use.write_text(_USE.replace("hit.score", "hit.scores"))
    with pytest.raises(pytest.fail.Exception, match="scores"):
        await node(_TSC, "--project", "tsconfig.json")


async def test_it_keeps_to_the_rules_of_graphql_eslint(generated: Path) -> None:
    served = f"./{generated.name}"
    await node(_ESLINT, f"{served}/served.graphql", GENERATED=served)
    (generated / "served.graphql").write_text("type Query { Wrong_name: Int }")
    with pytest.raises(pytest.fail.Exception, match="Wrong_name"):
        await node(_ESLINT, f"{served}/served.graphql", GENERATED=served)
