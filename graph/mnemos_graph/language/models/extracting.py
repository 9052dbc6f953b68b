"""The extractor that asks a language model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from mnemos_graph.errors import CutShort, Declined, Garbled, MnemosError, TooMuch, Unusable
from mnemos_graph.language.extractor import Extraction, Readings, Turn
from mnemos_graph.language.models import asking
from mnemos_graph.language.models.candidates import extraction
from mnemos_graph.language.models.protocol import LanguageModel, Request
from mnemos_graph.model import MessageRole, Ontology

MOST_TURNS = 16
"""That one call is about."""
MOST_BYTES = 24_000
"""Of their text; one turn may have more."""
READABLE_BYTES = 8_000
"""A turn that has no more is read by every model that is of use here."""
BEFORE = 4
"""Turns before those of a call that are told as well, to explain them."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Turns from ``start`` until before ``stop`` that one call is about."""

    start: int
    stop: int

    def halves(self) -> tuple[Stretch, Stretch]:
        middle = (self.start + self.stop) // 2
        return Stretch(self.start, middle), Stretch(middle, self.stop)

    def __len__(self) -> int:
        return self.stop - self.start


class ModelExtractor:
    """An ``Extractor``: one call for a stretch of turns, several stretches at the same time.

    What is away raises, and the same turns may be given again. Where an answer would be too long,
    or a model will not answer, less is asked about at once; a turn that it declines to read by
    itself, or that is longer than it reads, gives nothing and stays an episode.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def extract(
        self,
        turns: Sequence[Turn],
        ontology: Ontology | None = None,
        readings: Readings | None = None,
    ) -> Sequence[Extraction]:
        asker = _Asker(self._model, turns, ontology, readings)
        asked = [self._read(asker, stretch) for stretch in stretches(turns)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        found = [Extraction()] * len(turns)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            for at, extracted in answer:
                found[at] = extracted
        if left_out := sum(each.left_out for each in found):
            log.info("%d facts were left out, which the ontology does not know", left_out)
        return found

    async def _read(self, asker: _Asker, stretch: Stretch) -> list[tuple[int, Extraction]]:
        try:
            return await asker.ask(stretch)
        except (CutShort, TooMuch, Declined) as refused:
            if len(stretch) > 1:
                halves = [await self._read(asker, half) for half in stretch.halves()]
                return [each for half in halves for each in half]
            self._check_readable(asker.turns[stretch.start], refused)
            log.warning("a turn is kept and nothing taken from it: %s", refused)
            return []

    def _check_readable(self, turn: Turn, refused: MnemosError) -> None:
        """Complain about a model that cannot read what every model should, or not answer it."""
        if isinstance(refused, CutShort):
            raise refused
        if isinstance(refused, TooMuch) and len(turn.text.encode()) <= READABLE_BYTES:
            raise Unusable(
                f"{self._model.name} cannot read a short turn. Give it a longer context."
            )


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks a model about stretches of turns, unless it was asked the same before."""

    model: LanguageModel
    turns: Sequence[Turn]
    ontology: Ontology | None
    readings: Readings | None

    async def ask(self, stretch: Stretch) -> list[tuple[int, Extraction]]:
        begin = max(0, stretch.start - BEFORE)
        shown = self.turns[begin : stretch.stop]
        taken = [
            at >= stretch.start and turn.role is MessageRole.USER
            for at, turn in enumerate(shown, begin)
        ]
        if not any(taken):
            return []
        answer = await self._answer(asking.request_of(shown, taken, self.ontology))
        found = []
        for of_turn in answer.turns:
            if 0 <= of_turn.n < len(shown) and taken[of_turn.n]:
                taken[of_turn.n] = False  # a turn is answered once
                extracted = extraction(of_turn, shown[of_turn.n], self.ontology)
                found.append((begin + of_turn.n, extracted))
        return found

    async def _answer(self, request: Request) -> asking.Answer:
        key = named(self.model.name, request)
        kept = await self.readings.kept(key) if self.readings else None
        if kept is not None:
            with suppress(msgspec.ValidationError):
                return msgspec.convert(kept, asking.Answer)
        completion = await self.model.complete(request)
        try:
            answer = msgspec.convert(completion.value, asking.Answer)
        except msgspec.ValidationError as wrong:
            raise Garbled(f"{self.model.name} answered what cannot be read: {wrong}.") from wrong
        if self.readings:
            await self.readings.keep(key, self.model.name, completion.value)
        return answer


def named(model: str, request: Request) -> str:
    """Return a digest of all that an answer depends on: model, instructions, turns and types."""
    texts = [message.text for message in request.messages]
    schema = request.schema.plain if request.schema else None
    whole = msgspec.json.encode((model, request.system, texts, schema))
    return blake2b(whole, digest_size=16).hexdigest()


def stretches(turns: Sequence[Turn]) -> Iterator[Stretch]:
    """Yield stretches that have every turn once, in order."""
    start = size = 0
    for at, turn in enumerate(turns):
        own = len(turn.text.encode())
        if at > start and (at - start >= MOST_TURNS or size + own > MOST_BYTES):
            yield Stretch(start, at)
            start, size = at, 0
        size += own
    if start < len(turns):
        yield Stretch(start, len(turns))
