"""Whatever is asked of whatever there is, the answer is the stock executor's, errors and all."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import warnings
from collections.abc import Iterator
from random import Random
from typing import Any, cast

import pytest
from graphql import DocumentNode, ExecutionResult, execute, parse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.utils.await_maybe import await_maybe

from mnemos_schema.execution import Execution
from tests.schema.compiled.documents import Documents
from tests.schema.compiled.world import SCHEMA, World

IS_LONG = os.environ.get("COMPILED") == "long"
EXAMPLES, PARTS = (5_000, 1) if IS_LONG else (20, 2)
"""For each share of odd values; `COMPILED=long` asks for the longer form."""
DOCUMENTS_EACH = 5
SHARES = (0.0, 0.005, 0.05, 0.2)
"""Of the values, those that are not as their type wants them."""


async def answer(document: DocumentNode, root: object, executor: type, **variables: Any) -> str:
    """Return the JSON of a whole answer, with whatever JSON does not have written as Python does."""
    result = await await_maybe(
        execute(
            SCHEMA,
            document,
            root_value=root,
            variable_values=variables,
            is_awaitable=cast("Any", optimized_is_awaitable),
            executor_class=executor,
        )
    )
    assert isinstance(result, ExecutionResult)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*left, return_exceptions=True)
    errors = [error.formatted for error in result.errors or ()]
    return json.dumps({"data": result.data, "errors": errors}, default=repr)


def variables_of(random: Random) -> dict[str, Any]:
    given: dict[str, Any] = {
        "yes": True,
        "perhaps": random.random() < 0.5,
        "n": random.randint(0, 3),
    }
    return given | ({"no": True} if random.random() < 0.3 else {})


@pytest.fixture(autouse=True)
def abandoned() -> Iterator[None]:
    """Have what the stock executor leaves behind a failure collected here, without a word."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.timeout(3_600 if IS_LONG else 20)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("share", SHARES)
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(random=st.randoms(use_true_random=True))
async def test_a_compiled_answer_is_the_stock_executors_to_the_byte(
    share: float, part: int, random: Random
) -> None:
    documents = Documents(random)
    for _ in range(DOCUMENTS_EACH):
        text, roots = documents.write(), documents.roots
        document = parse(text)
        for _ in range(3):
            seed, given = random.random(), variables_of(random)
            stock, ours = [
                await answer(document, World(Random(seed), share).root(roots), executor, **given)
                for executor in (StrawberryGraphQLCoreExecutionContext, Execution)
            ]
            assert ours == stock, text
