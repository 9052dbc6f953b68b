"""A language model that reads the conversations, and its answers without it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.extraction.__main__ import main
from tests.models.deeds import Says
from tests.models.dialects import Ollama
from tests.models.provider import provider_of

READ_NOTHING = Says(pieces=('{"turns": []}',))


async def score(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    await asyncio.to_thread(main, arguments)
    return capsys.readouterr().out


async def test_recorded_answers_have_the_score_that_the_model_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOS_DATA", str(tmp_path))
    file = str(tmp_path / "answers.json")
    async with provider_of(Ollama()) as provider:
        provider.will(READ_NOTHING)
        url = provider.dialect.url.format(at=provider.at)
        read = await score(capsys, "working_people", "--model", url, "--record", file)
    again = await score(capsys, "working_people", "--recorded", file)
    assert "memories  precision 1.000 (0 of 0), recall 0.000" in again
    assert "openai-compatible:qwen3" in read
    assert "no known price" in read
    assert read.startswith(again)


async def test_answers_to_other_questions_are_not_taken_for_these(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.json"
    file.write_bytes(msgspec.json.encode({"model": "m", "answers": {"another": {}}}))
    with pytest.raises(LookupError, match="Record it again"):
        await score(capsys, "working_people", "--recorded", str(file))
