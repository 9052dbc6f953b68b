from __future__ import annotations

import pytest

from mnemos.client.inputs import scope


def test_a_misspelt_part_of_a_scope_is_refused_as_python_does() -> None:
    with pytest.raises(TypeError, match=r"no argument user\. A scope is given by user_id"):
        scope({"user": "ann"})


def test_what_is_not_given_is_not_sent() -> None:
    assert scope({"user_id": "ann", "agent_id": None}) == {"userId": "ann"}
