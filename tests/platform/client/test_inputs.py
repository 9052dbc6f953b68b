from __future__ import annotations

import pytest

from mnemos.client.inputs import WeightedScope, asked_in, scope


def test_a_misspelt_part_of_a_scope_is_refused_as_python_does() -> None:
    with pytest.raises(TypeError, match=r"no argument user\. A scope is given by user_id"):
        scope({"user": "ann"})


def test_what_is_not_given_is_not_sent() -> None:
    assert scope({"user_id": "ann", "agent_id": None}) == {"userId": "ann"}


def test_several_scopes_are_sent_in_place_of_one() -> None:
    scopes = [WeightedScope(user_id="ann", weight=0.5), WeightedScope(include_shared=False)]
    assert asked_in({}, scopes) == {
        "scopes": [
            {"scope": {"userId": "ann"}, "weight": 0.5},
            {"scope": {"includeShared": False}},
        ]
    }
    with pytest.raises(TypeError, match="not both"):
        asked_in({"user_id": "ann"}, scopes)
