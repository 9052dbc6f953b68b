"""Plain text, and Markdown with its headings. Offsets are those of the file's own characters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemos.importing.documents.told import Headings, Told, check_length
from mnemos_graph.errors import BadInput
from mnemos_graph.memory.kinds.documents import Passage

_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TITLE = re.compile(r"title:[ \t]*[\"']?(.*?)[\"']?[ \t]*$")
_FRONT = "---"
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decoded(data: bytes, declared: str | None = None) -> str:
    """Return the text of a file: by its mark, as UTF-8, else as it is ``declared`` to be.

    Raises:
        BadInput: it is no text, or in an encoding that it does not say.
    """
    named = [name for mark, name in _ENCODINGS if data.startswith(mark)] or ["utf-8"]
    for encoding in (*named, declared):
        try:
            text = data.decode(encoding) if encoding else None
        except (UnicodeError, LookupError):
            continue
        if text is not None and "\0" not in text:
            check_length(len(text))
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise BadInput("The document is no text in UTF-8. Save it as UTF-8 and import it again.")


def read_text(data: bytes) -> Told:
    """Return the paragraphs of a plain text.

    Raises:
        BadInput: it is no text.
        TooMuch: there is too much of it.
    """
    return Told(title="", passages=[*_paragraphs(decoded(data), 0, ())])


def read_markdown(data: bytes) -> Told:
    """Return the paragraphs of a Markdown file, each under its headings.

    Raises:
        BadInput: it is no text.
        TooMuch: there is too much of it.
    """
    text = decoded(data)
    begin, title = _front_matter(text)
    headings, passages = Headings(), list[Passage]()
    start = behind = begin

    def end_section(at: int) -> None:
        passages.extend(_paragraphs(text[start:at], start, headings.path))

    fence, before = "", (begin, "")
    for place, line in _lines(text, begin):
        behind = place + len(line) + 1
        opened = _FENCE.match(line)
        if fence or opened:
            fence = _fenced(fence, opened[1] if opened else "")
        elif marked := _HEADING.match(line):
            end_section(place)
            headings.meet(len(marked[1]), marked[2] or "")
            title, start = title or _first(headings), behind
        elif before[1].strip() and start <= before[0] and (ruled := _UNDERLINE.match(line)):
            end_section(before[0])
            headings.meet(1 if ruled[1][0] == "=" else 2, before[1].strip())
            title, start = title or _first(headings), behind
        before = (place, "" if fence or opened else line)
    end_section(behind)
    return Told(title=title, passages=passages)


def _front_matter(text: str) -> tuple[int, str]:
    """Return where the text begins behind what a generator put before it, and the title in that."""
    if not text.startswith(f"{_FRONT}\n"):
        return 0, ""
    end = text.find(f"\n{_FRONT}\n", len(_FRONT))
    if end < 0:
        return 0, ""
    titles = (_TITLE.match(line) for line in text[:end].splitlines())
    return end + len(_FRONT) + 2, next((each[1] for each in titles if each), "")


def _fenced(fence: str, met: str) -> str:
    """Return the fence that is open behind a line; ``met`` is what of a fence the line has."""
    if not fence:
        return met
    return "" if met.startswith(fence) else fence


def _first(headings: Headings) -> str:
    return headings.path[0] if headings.path else ""


def _lines(text: str, begin: int) -> Iterator[tuple[int, str]]:
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        yield begin, text[begin:end]
        begin = end + 1


def _paragraphs(text: str, offset: int, headings: tuple[str, ...]) -> Iterator[Passage]:
    begin = 0
    for start, end in [*(blank.span() for blank in _BLANK.finditer(text)), (len(text), 0)]:
        passage = text[begin:start].rstrip()
        if said := passage.lstrip("\n"):
            place = offset + begin + len(passage) - len(said)
            yield Passage(text=said, headings=headings, offset=place)
        begin = end
