"""Taking in, asking, and packing a context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from mnemos.client import fragments
from mnemos.client.call import Call
from mnemos.client.inputs import (
    ContextFormat,
    MemoryFilter,
    MemoryType,
    Message,
    ReadWhere,
    Strategy,
    Telling,
    WeightedScope,
    Where,
    asked_in,
    given,
    scope,
    sent,
)
from mnemos.client.results import Context, JobStarted, RecallResult, Remembered, WatchHit

_REMEMBER = f"""mutation Remember($input: RememberInput!) {{ remember(input: $input) {{
  episodes {{ {fragments.EPISODE} }}
  decisions {{ action memory {{ {fragments.MEMORY} }} reason }}
  pending {{ {fragments.JOB} }}
  position
}} }}"""

_REMEMBER_MANY = f"""mutation RememberMany($inputs: [RememberInput!]!, $key: String) {{
  rememberMany(inputs: $inputs, idempotencyKey: $key) {{ job {{ {fragments.JOB} }} position }}
}}"""

_RECALL = f"""query Recall($input: RecallInput!) {{
  recall(input: $input) {{ {fragments.RECALLED} }}
}}"""

_LIVE_RECALL = f"""subscription LiveRecall($input: RecallInput!) {{
  liveRecall(input: $input) {{ {fragments.RECALLED} }}
}}"""

_WATCH = f"""subscription Watch($input: WatchInput!) {{ watch(input: $input) {{
  memory {{ {fragments.MEMORY} }} fact {{ {fragments.FACT} }} score position
}} }}"""

_CONTEXT = f"""query Context($input: ContextInput!) {{ context(input: $input) {{
  text tokens tokenizer
  hits {{ {fragments.HIT} }} facts {{ {fragments.FACT} }} blocks {{ {fragments.BLOCK} }}
  omitted position degraded
}} }}"""


def remember(
    text: str | None = None,
    *,
    messages: Sequence[Message] | None = None,
    type: MemoryType | None = None,
    occurred_at: datetime | None = None,
    source: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Sequence[str] | None = None,
    infer: bool = True,
    dry_run: bool = False,
    idempotency_key: str | None = None,
    **where: Unpack[Where],
) -> Call[Remembered]:
    """Take a text or messages in: keep what is worth keeping, consolidated with what is known.

    With ``infer=False`` each text is kept verbatim as one memory. With ``dry_run=True`` the
    decisions are shown and nothing is written.
    """
    told = given(
        text=text,
        messages=messages,
        type=type,
        occurred_at=occurred_at,
        source=source,
        metadata=metadata,
        tags=tags,
        infer=infer,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )
    return Call(
        document=_REMEMBER,
        answer="remember",
        kind=Remembered,
        variables={"input": told | {"scope": scope(where)}},
    )


def remember_many(
    tellings: Sequence[Telling], *, idempotency_key: str | None = None
) -> Call[JobStarted]:
    """Take many things in, in the background; the job says how far it has come."""
    return Call(
        document=_REMEMBER_MANY,
        answer="rememberMany",
        kind=JobStarted,
        variables={"inputs": [_told(each) for each in tellings], "key": idempotency_key},
    )


def recall(
    query: str,
    *,
    filter: MemoryFilter | None = None,
    limit: int | None = None,
    strategy: Strategy | None = None,
    hops: int | None = None,
    min_score: float | None = None,
    scopes: Sequence[WeightedScope] | None = None,
    **where: Unpack[ReadWhere],
) -> Call[RecallResult]:
    """Find what is known about ``query``, best first, each hit with its explanation.

    ``scopes`` asks in several scopes at once, in place of ``user_id`` and the like.
    """
    asked = given(
        query=query, filter=filter, limit=limit, strategy=strategy, hops=hops, min_score=min_score
    )
    return Call(
        document=_RECALL,
        answer="recall",
        kind=RecallResult,
        variables={"input": asked | asked_in(where, scopes)},
    )


def live_recall(
    query: str,
    *,
    filter: MemoryFilter | None = None,
    limit: int | None = None,
    strategy: Strategy | None = None,
    hops: int | None = None,
    min_score: float | None = None,
    scopes: Sequence[WeightedScope] | None = None,
    **where: Unpack[ReadWhere],
) -> Call[RecallResult]:
    """Answer like ``recall``, and again whenever a change alters the answer."""
    asked = given(
        query=query, filter=filter, limit=limit, strategy=strategy, hops=hops, min_score=min_score
    )
    return Call(
        document=_LIVE_RECALL,
        answer="liveRecall",
        kind=RecallResult,
        variables={"input": asked | asked_in(where, scopes)},
    )


def watch(
    *,
    text: str | None = None,
    min_score: float | None = None,
    entity_id: str | None = None,
    predicates: Sequence[str] | None = None,
    block_id: str | None = None,
    **where: Unpack[ReadWhere],
) -> Call[WatchHit]:
    """Tell what appears near a text, about an entity, or against a block."""
    asked = given(
        text=text,
        min_score=min_score,
        entity_id=entity_id,
        predicates=predicates,
        block_id=block_id,
    )
    return Call(
        document=_WATCH,
        answer="watch",
        kind=WatchHit,
        variables={"input": asked | {"scope": scope(where)}},
    )


def context(
    query: str,
    *,
    filter: MemoryFilter | None = None,
    token_budget: int | None = None,
    format: ContextFormat | None = None,
    include_blocks: bool | None = None,
    include_facts: bool | None = None,
    since: str | None = None,
    template: str | None = None,
    **where: Unpack[ReadWhere],
) -> Call[Context]:
    """Pack what is known about ``query`` into a token budget, ready for a model.

    With ``since``, the position of an earlier answer: only what changed after it. ``template``
    names a template of the organization, by which it is written.
    """
    asked = given(
        query=query,
        filter=filter,
        token_budget=token_budget,
        format=format,
        include_blocks=include_blocks,
        include_facts=include_facts,
        since=since,
        template=template,
    )
    return Call(
        document=_CONTEXT,
        answer="context",
        kind=Context,
        variables={"input": asked | {"scope": scope(where)}},
    )


def _told(telling: Telling) -> Mapping[str, Any]:
    told: dict[str, Any] = sent(telling)
    where = {name: told.pop(name) for name in ("userId", "agentId", "sessionId") if name in told}
    return told | {"scope": where}
