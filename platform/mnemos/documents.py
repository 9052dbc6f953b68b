"""Documents that are asked for by a name: registered by whoever runs Mnemos, or by clients' first use.

Clients name a document by the SHA-256 of its text, as ``extensions.persistedQuery`` of Apollo's
protocol has it. One that is not known here is sent once in full, with the same name. A file may list
documents that are always known, and they may be the only ones that are answered.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec

from mnemos.settings import Settings, SettingsError, YesNo
from mnemos_graph.errors import BadInput, Forbidden, Refused

MOST_BYTES = 4_194_304
"""Of documents that clients named, in one process."""
LONGEST = 65_536
"""Characters of a document that is remembered by its name."""

_EXTENSION = "persistedQuery"
_DIGITS = 64
_VERSION = 1


class UnknownDocument(Refused):
    """Only a name was sent. The message is the one by which clients know to send the document."""

    code: ClassVar[str] = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class Documents:
    def __init__(self, listed: Mapping[str, str] | None = None, *, only: bool = False) -> None:
        """``listed``: documents by the names that clients use; ``only``: no others are answered."""
        self._listed = dict(listed or {})
        self._texts = frozenset(self._listed.values())
        self._only = only
        self._named: OrderedDict[str, str] = OrderedDict()
        self._nbytes = 0

    @classmethod
    def by(cls, settings: Settings) -> Self:
        """Return those that the settings name.

        Raises:
            SettingsError: the file cannot be used, or only listed ones are answered and none are.
        """
        only = settings.documents_only is YesNo.YES
        if not settings.documents:
            if only:
                raise SettingsError(
                    "MNEMOS_DOCUMENTS_ONLY is yes and no documents are listed, so nothing could be "
                    "asked. Name a file in MNEMOS_DOCUMENTS."
                )
            return cls()
        return cls(_read(Path(settings.documents)), only=only)

    def text(self, query: str | None, extensions: object) -> str | None:
        """Return the document that a request means; None: it means none.

        Raises:
            UnknownDocument: it is only named, and not known here.
            BadInput: the name is none, or not that of the document beside it.
            Forbidden: only listed documents are answered, and it is not one.
        """
        name = name_of(extensions)
        if name is not None and not query:
            if known := self._listed.get(name) or self._recalled(name):
                return known
            raise UnknownDocument
        if self._only and query is not None and query not in self._texts:
            raise Forbidden(
                "Only documents that are registered here are answered. Have this one put on the "
                "list that MNEMOS_DOCUMENTS names."
            )
        if name is not None and query and name not in self._listed:
            self._remember(name, query)
        return query

    def digest(self, name: str) -> bytes | None:
        """Return the SHA-256 of the document of this name; None: it is no name."""
        if (listed := self._listed.get(name)) is not None:
            return digest(listed)
        return bytes.fromhex(name) if _is_digest(name) else None

    def _recalled(self, name: str) -> str | None:
        text = self._named.get(name)
        if text is not None:
            self._named.move_to_end(name)
        return text

    def _remember(self, name: str, text: str) -> None:
        if digest(text).hex() != name:
            raise BadInput(
                "sha256Hash is not the SHA-256 of the query beside it. Hash the very text that is "
                "sent."
            )
        if name in self._named or len(text) > LONGEST:
            return
        self._named[name] = text
        self._nbytes += len(text)
        while self._nbytes > MOST_BYTES:
            _, dropped = self._named.popitem(last=False)
            self._nbytes -= len(dropped)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def name_of(extensions: object) -> str | None:
    """Return the name that a request has for its document; None: it has none.

    Raises:
        BadInput: the extension is not as the protocol has it.
    """
    if not isinstance(extensions, Mapping) or _EXTENSION not in extensions:
        return None
    told = extensions[_EXTENSION]
    if isinstance(told, Mapping) and told.get("version") == _VERSION:
        name = told.get("sha256Hash")
        if isinstance(name, str) and name:
            return name
    raise BadInput('persistedQuery is {"version": 1, "sha256Hash": "the SHA-256 of the query"}.')


def _is_digest(name: str) -> bool:
    return len(name) == _DIGITS and all(each in "0123456789abcdef" for each in name)


def _read(path: Path) -> Mapping[str, str]:
    try:
        plain: Any = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise SettingsError(
            f"MNEMOS_DOCUMENTS names {path}, which cannot be read: {wrong}."
        ) from wrong
    try:
        listed = _manifest(plain) if "operations" in plain else plain
        return msgspec.convert(listed, dict[str, str])
    except (KeyError, TypeError, msgspec.ValidationError) as wrong:
        raise SettingsError(
            f"MNEMOS_DOCUMENTS names {path}, which is no list of documents. Give a JSON object with "
            "each document under the name that clients have for it, or a manifest of Apollo's."
        ) from wrong


def _manifest(plain: Any) -> Mapping[str, Any]:
    return {each["id"]: each["body"] for each in plain["operations"]}
