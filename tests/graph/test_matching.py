"""The product's own reading of the filter algebra is the reference's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.model import Record
from mnemos_graph.store import Find, Mark, fulfils, page_of
from tests.conformance import matching
from tests.conformance.generated import finds, records


@pytest.mark.timeout(120)
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(question=finds(), known=st.lists(records(), max_size=8))
def test_any_question_is_answered_as_the_reference_does(
    question: Find[Record], known: list[Record]
) -> None:
    by_id = {each.id: each for each in known}
    live = [each for each in by_id.values() if isinstance(each, question.kind)]
    assert page_of(question, live) == matching.page(question, live)
    for each in live:
        assert fulfils(each, question.where) == matching.matches(each, question.where)
        behind = Mark(each.field(question.order.field), each.id)
        rest = replace(question, after=behind)
        assert page_of(rest, live) == matching.page(rest, live)
