"""HTML: what a reader of the page would read, by paragraph and under its headings.

The parser is the standard library's: events in order, no tree, so that nothing grows with how
deeply a page is nested. What it takes too long over is ended from outside: see ``apart``.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from mnemos.importing.documents.plain import decoded
from mnemos.importing.documents.told import Headings, Told, Written

_UNREAD: Final = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "nav", "iframe", "object", "select"}
)
"""What stands on a page and is not its text."""
_BORDERS: Final = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd",
     "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
     "form", "header", "hr", "html", "legend", "li", "main", "menu", "ol", "p", "pre", "section",
     "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"}
)  # fmt: skip
"""Where one passage ends and another begins."""
_CELLS: Final = frozenset({"td", "th"})
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"\s+")
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_HEAD = 4_096
_PIECE = 65_536
"""Characters that the parser is given at once."""


def read_html(data: bytes) -> Told:
    """Return the paragraphs of a page.

    Raises:
        BadInput: it is no text.
        TooMuch: there is too much of it.
    """
    declared = _DECLARED.search(data[:_HEAD])
    text = decoded(data, declared[1].decode("ascii") if declared else None)
    page = _Page()
    for start in range(0, len(text), _PIECE):
        page.feed(text[start : start + _PIECE])
    page.close()
    page.end_passage()
    return Told(title=page.title, passages=page.written.passages)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.written = Written()
        self._headings = Headings()
        self._said: list[str] = []
        self._unread: list[str] = []
        """Elements that are open and not read, the outermost first."""
        self._preserved = 0
        """How many ``pre`` are open."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread.append(tag)
        if tag in _BORDERS or tag in _HEADINGS:
            self.end_passage()
        elif tag in _CELLS and self._said:
            self._said.append(" | ")
        if tag == "li":
            self._said.append("- ")
        self._preserved += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BORDERS:
            self.end_passage()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            del self._unread[self._unread.index(tag) :]
        elif tag == "title":
            self.title = self.title or self._taken()
        elif level := _HEADINGS.get(tag):
            self._headings.meet(level, self._taken())
        elif tag in _BORDERS:
            self.end_passage()
            self._preserved -= tag == "pre" and self._preserved > 0

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._said.append(data if self._preserved else _SPACES.sub(" ", data))

    def end_passage(self) -> None:
        text = "".join(self._said)
        self._said = []
        text = text.strip("\n") if self._preserved else _SPACES.sub(" ", text).strip()
        if text != "-":
            self.written.add(text, self._headings.path)

    def _taken(self) -> str:
        text = _SPACES.sub(" ", "".join(self._said)).strip()
        self._said = []
        return text
