"""The operations that the explorer opens on: each is answered as it stands, in their order."""

from __future__ import annotations

from pathlib import Path

from graphql import OperationDefinitionNode, OperationType, parse

from tests.serving import Client

EXAMPLES = Path(__file__).parents[2] / "frontend" / "src" / "examples"


def is_subscription(document: str) -> bool:
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation is OperationType.SUBSCRIPTION


async def test_every_example_is_answered(client: Client) -> None:
    documents = [path.read_text() for path in sorted(EXAMPLES.glob("*.graphql"))]
    assert documents
    async with client.socket() as socket:
        for number, document in enumerate(documents):
            if is_subscription(document):
                await socket.subscribe(document, id=f"{number}")
                message = await socket.hear()
                assert "errors" not in message["payload"], message
                await socket.say({"type": "complete", "id": f"{number}"})
            else:
                assert all((await client.ask(document)).values()), document
