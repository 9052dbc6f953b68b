"""What Mnemos recalled is never taken in again as new, whoever pastes it, and in whichever form."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serving import Client

SAID = (
    "I live in Ghent and I work at Bluebell Studio.",
    "My sister Ana lives in Porto.",
    "I moved to Bruges last month.",
    "I'm allergic to peanuts.",
    "I like sailing and my dog is called Biscuit.",
    "Yesterday I went to the museum with Tom.",
)
REMEMBER = """mutation ($input: RememberInput!) {
  remember(input: $input) { decisions { action reason } }
}"""
MIA = {"userId": "mia"}
RECALL = """query ($asked: String!) {
  recall(input: {query: $asked, scope: {userId: "mia"}}) { hits { memory { text } } }
}"""
CONTEXT = """query ($input: ContextInput!) { context(input: $input) { text } }"""
KNOWN = """{
  memories(scope: {userId: "mia"}, first: 100, filter: {includeSuperseded: true}) {
    edges { node { id text version validFrom validTo } }
  }
  facts(scope: {userId: "mia"}, first: 100, includeInvalid: true) {
    edges { node { id statement validFrom validTo } }
  }
  entities(scope: {userId: "mia"}, first: 100) { edges { node { id name kind } } }
}"""
TEMPLATE = "Known of her:\n{{#each facts}}\n* {{statement}}\n{{/each}}\n{{#each memories}}\n* {{text}}\n{{/each}}"


async def tell(client: Client, text: str, **message: Any) -> None:
    await client.ask(REMEMBER, input={"scope": MIA, "messages": [{"text": text, **message}]})


async def given_back(client: Client, form: str) -> str:
    """Return what is known of Mia, as Mnemos says it."""
    query = "Where does Mia live and work, what does she like, and where was she?"
    if form == "hits":
        hits = (await client.ask(RECALL, asked=query))["recall"]["hits"]
        return "Here is what I know:\n" + "\n".join(f"- {hit['memory']['text']}" for hit in hits)
    asked: dict[str, Any] = {"query": query, "scope": MIA}
    if form == "TEMPLATE":
        await client.ask(
            'mutation ($t: String!) { setTemplate(name: "t", text: $t) { position } }', t=TEMPLATE
        )
        asked["template"] = "t"
    else:
        asked["format"] = form
    return str((await client.ask(CONTEXT, input=asked))["context"]["text"])


@pytest.mark.parametrize("form", ["hits", "MARKDOWN", "XML", "JSON", "TEMPLATE"])
@pytest.mark.parametrize("speaker", ["Mia", None])
async def test_what_was_recalled_is_never_news(
    client: Client, form: str, speaker: str | None
) -> None:
    for day, text in enumerate(SAID, 2):
        await tell(client, text, speaker=speaker, occurredAt=f"2026-03-{day:02}T09:00:00Z")
    before = await client.ask(KNOWN)
    assert len(before["memories"]["edges"]) > 5
    recalled = await given_back(client, form)
    assert "Bruges" in recalled
    for message in ({"role": "ASSISTANT"}, {"role": "USER", "speaker": speaker}):
        await tell(client, recalled, occurredAt="2026-06-01T09:00:00Z", **message)
        assert await client.ask(KNOWN) == before


async def test_what_somebody_adds_to_it_is_taken_in(client: Client) -> None:
    for text in SAID:
        await tell(client, text, speaker="Mia")
    before = (await client.ask(KNOWN))["memories"]["edges"]
    pasted = await given_back(client, "MARKDOWN")
    await tell(client, f"{pasted}\nI bought a kayak.", speaker="Mia")
    after = (await client.ask(KNOWN))["memories"]["edges"]
    known = {each["node"]["id"] for each in before}
    new = [each["node"]["text"] for each in after if each["node"]["id"] not in known]
    assert len(new) == 1
    assert "kayak" in new[0]
