"""The log says what happened, and never what anybody remembers."""

from __future__ import annotations

import json
import logging
from logging import LogRecord

import pytest

from mnemos.logs import JsonLines, TextLines


def broken() -> LogRecord:
    """A record of an error that quotes what somebody said."""
    with pytest.raises(KeyError) as caught:
        _quote("her diary")
    failure = (caught.type, caught.value, caught.tb)
    return LogRecord("mnemos", logging.ERROR, __file__, 1, "incident %s", ("abc",), failure)


def _quote(text: str) -> None:
    try:
        int(text)
    except ValueError as wrong:
        raise KeyError(text) from wrong


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
def test_an_error_is_told_by_its_places_and_kinds_alone(form: logging.Formatter) -> None:
    written = form.format(broken())
    assert "her diary" not in written
    assert "incident abc" in written
    assert "builtins.KeyError, caused by builtins.ValueError" in written
    assert "test_logs.py" in written


def test_a_line_of_json_is_one_line() -> None:
    record = LogRecord("mnemos", logging.INFO, __file__, 1, "two\nlines", (), None)
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("info", "mnemos", "two\nlines")
