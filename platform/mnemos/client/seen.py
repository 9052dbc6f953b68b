"""The last log position that a client saw, which its next question must not fall behind."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error

_ORGANIZATION = slice(0, 5)
_PLACE = slice(0, 17)


class Seen:
    """Answers may come in out of order, so a position is kept only where it is a later one."""

    def __init__(self) -> None:
        self.position: str | None = None

    def note(self, position: str | None) -> None:
        if position and (self.position is None or _is_later(position, self.position)):
            self.position = position


def _is_later(new: str, old: str) -> bool:
    """Compare two cursors by format, organization, epoch and position, as they are laid out.

    Of what cannot be compared the newly heard is taken: it comes from the server as it is now.
    """
    left, right = _bytes(new), _bytes(old)
    if left[_ORGANIZATION] != right[_ORGANIZATION]:
        return True
    return left[_PLACE] >= right[_PLACE]


def _bytes(cursor: str) -> bytes:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (Base64Error, ValueError):
        return b""
