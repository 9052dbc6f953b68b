"""The check that schemathesis makes of every answer here, in place of its own.

Its own take any entry of ``errors`` for a failure. Ours refuse what cannot be
answered (an id of nothing, an empty name), each with a code; what may not come is one that nobody
foresaw, or one without a code.
"""

from __future__ import annotations

from typing import Any

import schemathesis

from mnemos_graph import errors

FORESEEN = {
    each.code for each in vars(errors).values() if hasattr(each, "code") and each.code != "INTERNAL"
} | {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


@schemathesis.check
def every_answer_was_foreseen(
    context: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    answer = response.json()
    codes = [each.get("extensions", {}).get("code") for each in answer.get("errors", [])]
    assert response.status_code < 500, response.status_code
    assert codes or answer["data"], "neither data nor an error"
    assert FORESEEN.issuperset(codes), f"nobody foresaw {set(codes) - FORESEEN}: {answer['errors']}"
