"""What is read of documents, and what is refused."""

from __future__ import annotations

import pytest

from mnemos.importing.documents import apart, opening
from mnemos.importing.documents.opening import form_of, open_document
from mnemos.importing.documents.plain import read_markdown, read_text
from mnemos.importing.documents.told import Told
from mnemos.importing.documents.web import read_html
from mnemos.importing.items import Options
from mnemos.importing.reading import Format
from mnemos_graph.errors import BadInput, TooMuch
from tests.platform.importing.papers import HANDBOOK, PAGE, bomb, locked, pdf
from tests.platform.importing.samples import file_of

NAMED = Options(user_id="ana", name="heron.md")


def said(told: Told) -> list[tuple[str, str]]:
    return [(" › ".join(each.headings), each.text) for each in told.passages]


def test_markdown_is_read_under_its_headings() -> None:
    told = read_markdown(HANDBOOK.encode())
    assert told.title == "Heron handbook"
    assert said(told) == [
        ("Heron handbook", "The Heron is a boat for two."),
        ("Heron handbook › Sails", "Reef the mainsail above 20 knots."),
        ("Heron handbook › Engine › Oil", "Change the oil every 100 hours."),
        ("Heron handbook › Engine › Oil", "```\n# this is no heading\noil --change\n```"),
    ]


def test_a_passage_stands_where_it_says_it_does() -> None:
    text = "---\ntitle: 'Boats'\n---\nOne.\n\n\nTwo\nlines.\n\nSails\n=====\nThree.\n"
    told = read_markdown(text.encode())
    assert told.title == "Boats"
    assert [text[each.offset :].startswith(each.text) for each in told.passages] == [True] * 3
    assert said(told)[-1] == ("Sails", "Three.")


def test_a_text_of_any_common_encoding_is_read() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        told = read_text("Ålesund\r\n\r\n東京".encode(encoding))
        assert [each.text for each in told.passages] == ["Ålesund", "東京"]


@pytest.mark.parametrize("data", [b"\xff\x00\x01", "Ålesund".encode("latin-1"), b"a\0b"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="Save it as UTF-8"):
        read_text(data)


def test_of_a_page_its_text_is_read_and_nothing_else() -> None:
    told = read_html(PAGE.encode())
    assert told.title == "Heron & crew"
    assert said(told) == [
        ("Heron", "The Heron is a boat"),
        ("Heron", "for two."),
        ("Heron › Sails", "Reef the mainsail above 20 knots."),
        ("Heron › Sails", "- Jib"),
        ("Heron › Sails", "- Spinnaker"),
        ("Heron › Sails", "Wind | Reef"),
        ("Heron › Sails", "20 | 1"),
    ]


def test_a_page_in_the_encoding_that_it_declares_is_read() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body>Ålesund</body></html>'
    assert said(read_html(page.encode("latin-1"))) == [("", "Ålesund")]


@pytest.mark.parametrize("page", ["<p>open <b>never <i>closed", "<<<>>>&&&;", "<!-- ", "<p/><td>x"])
def test_a_page_that_is_no_good_html_is_read_as_far_as_it_goes(page: str) -> None:
    read_html(page.encode())


async def test_a_pdf_is_read_page_by_page_under_its_outline() -> None:
    data = pdf(
        ["Heron", "A boat for two."],
        [
            "Reef above 20 knots, and take the sails down in a gale-",
            "force wind.",
            "Engine",
            "Oil.",
        ],
        outline=[("Heron", 0), ("Engine", 1)],
        title="Handbook",
    )
    told = await apart.read_apart(file_of(data), "pdf")
    assert told.title == "Handbook"
    assert [(each.page, each.headings, each.text) for each in told.passages] == [
        (1, ("Heron",), "A boat for two."),
        (2, ("Heron",), "Reef above 20 knots, and take the sails down in a galeforce wind."),
        (2, ("Engine",), "Oil."),
    ]


async def test_a_locked_pdf_is_refused_and_one_without_a_password_read() -> None:
    data = pdf(["Secret."])
    with pytest.raises(BadInput, match="locked with a password"):
        await apart.read_apart(file_of(locked(data, "sesame")), "pdf")
    told = await apart.read_apart(file_of(locked(data, "")), "pdf")
    assert [each.text for each in told.passages] == ["Secret."]


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n" + b"\xff" * 500, pdf(["x"])[:400], b"%PDF-", pdf([])]
)
async def test_a_pdf_that_is_broken_or_empty_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"damaged|no text"):
        await apart.read_apart(file_of(data), "pdf")


async def test_a_pdf_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(TooMuch, match="unpacks to more"):
        await apart.read_apart(file_of(bomb(megabytes=200)), "pdf")


async def test_a_page_that_keeps_its_reader_busy_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "LONGEST", 2.0)
    with pytest.raises(TooMuch, match="a minute of computing"):
        await apart.read_apart(file_of(b"<html>" + b"<a " * 1_000_000), "html")


async def test_a_document_of_too_many_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LARGEST", {Format.TEXT: 10})
    with pytest.raises(TooMuch, match="at most 10"):
        await open_document(file_of(b"x" * 11), Format.TEXT, NAMED, "d")


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.md", b"[x](y)", Format.MARKDOWN),
        ("a.TXT", b"{}", Format.TEXT),
        ("a", b"%PDF-1.7", Format.PDF),
        (None, b"\n<!DOCTYPE HTML>", Format.HTML),
        ("a.json", b"[]", None),
        (None, b"hello", None),
    ],
)
def test_a_document_is_known_by_its_name_or_its_beginning(
    name: str | None, content: bytes, form: Format | None
) -> None:
    assert form_of(file_of(content), name) is form


async def test_a_document_without_a_name_is_known_by_what_is_in_it() -> None:
    options = Options(user_id="ana")
    one, again, other = [
        await open_document(file_of(b"A boat."), Format.TEXT, options, digest)
        for digest in ("d", "d", "e")
    ]
    assert one == again
    assert one.id != other.id
