"""Context: what is known about a question, ready to be put in front of a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from mnemos_graph.errors import NotFound
from mnemos_graph.index.reading import Generations, derived
from mnemos_graph.language.embedder import likeness
from mnemos_graph.memory.context.asking import Composed, ContextQuestion, checked
from mnemos_graph.memory.context.changed import Changes
from mnemos_graph.memory.context.gathering import Gathered, Gathering
from mnemos_graph.memory.context.kept_templates import named
from mnemos_graph.memory.context.packing import STANDING_SHARE, CountsTokens, Packed, fitted, packed
from mnemos_graph.memory.context.pieces import Part, told
from mnemos_graph.memory.context.saying import NEAR, Pair, Said, suspects
from mnemos_graph.memory.context.templates.compiled import compiled
from mnemos_graph.memory.context.writing import WRITERS
from mnemos_graph.memory.recall.recall import Recall
from mnemos_graph.memory.selection import look
from mnemos_graph.model import Access, Block, Fact, Memory, RecordKind, Template
from mnemos_graph.store import GraphStore, VersionRef

_TERSER = 2
"""How many times shorter than Markdown a template may write things down, and fill its budget."""


class Composer:
    def __init__(
        self,
        store: GraphStore,
        recall: Recall,
        tokenizer: CountsTokens,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._recall = recall
        self._tokenizer = tokenizer
        self._clock = clock
        self._gathering = Gathering(store, recall)
        self._changes = Changes(store, recall)

    async def compose(self, access: Access, question: ContextQuestion) -> Composed:
        """Return blocks, then facts and memories, the most relevant first, within the budget.

        What is said by one of them is not said again by another. What is told whatever is asked
        comes first, word for word the same until it changes.

        Raises:
            BadInput: the budget is negative, or a part of the question makes no sense.
            TooMuch: the budget is above 32,000 tokens or below what the template takes, or the
                question is beyond a limit.
            NotFound: there is no such template.
            Unavailable: the store cannot be read.
        """
        query = checked(question).query
        template = await self._template(access, question)
        view = await look(
            self._store, access, now=self._clock(), as_of=query.as_of, known_at=query.known_at
        )
        if question.since is None:
            gathered = await self._gathering.gather(access, question, view)
        else:
            gathered = await self._changes.since(access, question, view, question.since)
        twins = await self._twins(access, told(gathered.pieces, Memory))
        result = await asyncio.to_thread(self._packed, question, gathered, twins, template)
        kept = {memory.id for memory in told(result.pieces, Memory)}
        return Composed(
            text=result.text,
            tokens=result.tokens,
            tokenizer=self._tokenizer.name,
            hits=tuple(hit for id_, hit in gathered.hits.items() if id_ in kept),
            facts=told(result.pieces, Fact),
            blocks=told(result.pieces, Block),
            omitted=sum(each.part is Part.MEMORIES for each in result.left_out),
            position=gathered.position,
            degraded=gathered.degraded,
        )

    def _packed(
        self,
        question: ContextQuestion,
        gathered: Gathered,
        twins: Sequence[Pair],
        template: Template | None,
    ) -> Packed:
        """Write down as much as fits; with a template, of what comes near to fitting."""
        times = 1 if template is None else _TERSER
        share = STANDING_SHARE if question.since is None else 1.0
        result = packed(
            gathered.pieces,
            WRITERS[question.form],
            self._tokenizer,
            question.token_budget * times,
            Said(twins),
            standing=share / times,
        )
        if template is None:
            return result
        rendered = compiled(template.text)
        found = fitted(
            result.pieces,
            lambda pieces: rendered.render(question.text, pieces, question.form),
            self._tokenizer,
            question.token_budget,
        )
        return replace(found, left_out=(*found.left_out, *result.left_out))

    async def _template(self, access: Access, question: ContextQuestion) -> Template | None:
        if question.template is None:
            return None
        found = await named(self._store, access, question.template)
        if found is None:
            raise NotFound(RecordKind.TEMPLATE.value, question.template)
        return found

    async def _twins(self, access: Access, memories: Sequence[Memory]) -> Sequence[Pair]:
        """Return the pairs that say nearly the same."""
        several = list({each.id: each for each in memories}.values())
        sure, unsure = await asyncio.to_thread(suspects, several)
        held = {each.id: VersionRef(each.id, each.version) for each in several}
        asked = {held[id_] for pair in unsure for id_ in pair}
        vectors = (await self._recall.means(access.organization)).shelf.generation
        kept = await derived(self._store, access, Generations(vectors), asked)
        rows = {ref.id: each for ref, each in kept.vectors.apart()}
        near = [
            pair
            for pair in unsure
            if pair <= rows.keys() and likeness(*(rows[id_] for id_ in sorted(pair))) >= NEAR
        ]
        return [*sure, *near]
