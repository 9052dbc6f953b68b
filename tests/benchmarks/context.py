"""How much of the evidence is in a context, and how much shorter it is than the conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from mnemos.bench_recall import dataset
from mnemos.bench_recall.dataset import Category, Conversation
from mnemos.bench_recall.evaluation import keep
from mnemos.bench_recall.figures import tokens
from mnemos_graph.language.minilm import MiniLM, open_minilm
from mnemos_graph.memory.context.asking import ContextQuestion
from mnemos_graph.memory.context.context import Composer
from mnemos_graph.memory.context.packing import CountsTokens
from mnemos_graph.memory.scopes import ReadScope
from mnemos_graph.memory.services import Parts, Services, open_services
from mnemos_graph.model import RecordId
from mnemos_graph.sqlite import SqliteStore
from tests.benchmarks import conversations
from tests.benchmarks.figures import Figure
from tests.benchmarks.recall import ACCESS

ABOUT = "Evidence within a context of so many tokens, all that is written in it counted"
BUDGETS = (500, 1_000, 2_000)
MEASURED = 1_000


class WordsAndSigns:
    """Counts as every figure about recall does."""

    name = "the benchmark's count"

    def count(self, text: str) -> int:
        return tokens(text)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question's context."""

    conversation: str
    evidence: float
    """The share of it that is told, from 0 to 1."""
    hits: float
    """The share that is in as many hits, the best first, as fit when each has its own date."""
    tokens: int
    whole: int
    """Tokens of the conversation that it is about."""


async def answered(
    services: Services,
    model: MiniLM,
    told: Conversation,
    names: Mapping[RecordId, str],
    counter: CountsTokens,
) -> Mapping[int, Sequence[Answered]]:
    """Return the contexts of every question about a conversation, by their budget.

    ``names`` has the turns' names by the memories as which they are kept.
    """
    composer = Composer(services.store, services.recall, counter, services.clock)
    whole = sum(counter.count(turn.line) for turn in told.turns)
    costs = {turn.name: counter.count(turn.line) for turn in told.turns}
    found: dict[int, list[Answered]] = {budget: [] for budget in BUDGETS}
    for query in told.queries:
        if query.kind == Category.ADVERSARIAL.name.lower():
            continue
        for budget in BUDGETS:
            asked = ContextQuestion(
                text=query.text, scope=ReadScope(user_id=told.user_id), token_budget=budget
            )
            context = await composer.compose(ACCESS, asked)
            assert counter.count(context.text) == context.tokens <= budget
            told_of = [names[each.memory.id] for each in context.hits]
            found[budget].append(
                Answered(
                    told.user_id,
                    len(query.evidence & set(told_of)) / len(query.evidence),
                    len(query.evidence & set(within(told_of, costs, budget))) / len(query.evidence),
                    context.tokens,
                    whole,
                )
            )
    return found


def within(names: Sequence[str], costs: Mapping[str, int], budget: int) -> Iterator[str]:
    for name in names:
        budget -= costs[name]
        if budget < 0:
            return
        yield name


def mean(values: Sequence[tuple[str, float]]) -> float:
    """Return the mean of the conversations' means."""
    of: dict[str, list[float]] = {}
    for conversation, value in values:
        of.setdefault(conversation, []).append(value)
    return fmean(map(fmean, of.values()))


def all_of(counter: CountsTokens, found: Mapping[int, Sequence[Answered]]) -> Iterator[Figure]:
    for budget, contexts in found.items():
        yield Figure(
            what=f"evidence in a context of {budget:,} tokens, {counter.name}",
            value=mean([(each.conversation, each.evidence) for each in contexts]) * 100,
            unit="%",
            goal="≥ 85 %" if budget == MEASURED else "",
            baseline="the same turns, each with its date, until the next does not fit",
            baseline_value=mean([(each.conversation, each.hits) for each in contexts]) * 100,
        )
    contexts = found[MEASURED]
    shorter = mean([(each.conversation, 1 - each.tokens / each.whole) for each in contexts])
    whole = mean([(each.conversation, each.whole) for each in contexts])
    yield Figure(
        what=f"shorter at {MEASURED:,} tokens than a conversation of {whole:,.0f}, {counter.name}",
        value=shorter * 100,
        unit="%",
        goal="≥ 90 %",
    )


async def figures(folder: Path) -> list[Figure]:
    store = await SqliteStore.open(folder)
    found: list[Figure] = []
    async with (
        open_minilm() as model,
        open_services(Parts(store=store, embedder=model)) as services,
    ):
        told = dataset.read(conversations.path())
        kept = {each.user_id: await keep(services, ACCESS, each) for each in told}
        for counter in (WordsAndSigns(), model.tokenizer):
            by_budget: dict[int, list[Answered]] = {budget: [] for budget in BUDGETS}
            for conversation in told:
                names = kept[conversation.user_id]
                part = await answered(services, model, conversation, names, counter)
                for budget, contexts in part.items():
                    by_budget[budget] += contexts
            found += all_of(counter, by_budget)
    await store.close()
    return found
