"""Server-sent events as every client reads them."""

from __future__ import annotations

from strawberry.http.streaming import SSETransport


class Events(SSETransport):
    """Ends lines with a line feed alone: urql looks for nothing else."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        return super().encode_comment(comment).replace("\r\n", "\n")
