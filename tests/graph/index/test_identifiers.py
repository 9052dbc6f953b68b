"""What counts as exact, in questions and in what they are asked about."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mnemos_graph.index.identifiers import MOST_ASKED, asked, held, quoted


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What was SHOP-1841 about?", ["shop-1841"]),
        ("Is #2290 merged?", ["2290"]),
        ("What broke in v2.3.10, and in 2.3.1?", ["2.3.10", "2.3.1"]),
        ("Who made commit 9f3e2ab?", ["9f3e2ab"]),
        ("Who writes from s.adeyemi@north-gate.example?", ["s.adeyemi@north-gate.example"]),
        ("What is in /opt/ledger/long_tx.sql?", ["/opt/ledger/long_tx.sql"]),
        (r"Did C:\logs\app.txt grow?", [r"c:\logs\app.txt"]),
        ("Where is calendar.py?", ["calendar.py"]),
        ("What does to_local() drop?", ["to_local"]),
        ("Who can be reached at +47 912 34 567?", ["4791234567"]),
        ("Is SE45 5000 0000 0583 9825 7466 hers?", ["se4550000000058398257466"]),
        ("What costs €1,340.50?", ["1340.5"]),
        ("What costs 39.90 a month?", ["39.9"]),
        ("Has Mara seen Vienna?", ["mara", "vienna"]),
        ("Where does Dr. Okonkwo's sister live?", ["okonkwo"]),
        ("Does HTTP 413 say why?", ["http", "413"]),
        ("what does noor want?", ["want", "noor"]),
        ("Is the ThinkPad old?", ["thinkpad"]),
    ],
)
def test_identifiers_of_a_question(question: str, found: list[str]) -> None:
    assert set(found) <= set(asked(question))
    if question != question.lower():
        assert sorted(asked(question)) == sorted(found)


@pytest.mark.parametrize(
    "question",
    [
        "What did we do in May?",
        "How is the weather on a Monday?",
        "Which one came 2nd?",
        "When does he or she call, e.g. by phone?",
        "¿…?!",
        "",
    ],
)
def test_questions_without_anything_exact(question: str) -> None:
    assert [each for each in asked(question) if len(each) > 3 and not each.isalpha()] == []
    assert not {"may", "monday", "2nd"} & set(asked(question))


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("Merged as SHOP-1841.", ["shop-1841", "1841"]),
        (
            "The culprit is to_local() in shipping/calendar.py.",
            ["shipping/calendar.py", "calendar.py"],
        ),
        ("Call 0800 555 0142 24 hours a day", ["08005550142"]),
        ("It costs 1,340 euros", ["1340"]),
        ("Anne-Marie was here", ["anne-marie", "anne", "marie"]),
    ],
)
def test_a_text_is_found_by_each_way_to_write_what_it_has(text: str, ways: list[str]) -> None:
    assert set(ways) <= held(text)


def test_an_account_number_is_found_however_it_is_grouped() -> None:
    text = "The account is 5839 8257 466."
    for written in ("5839 8257 466", "58398257466", "583-982-574-66"):
        assert set(asked(f"Whose is {written}?")) <= held(text)


def test_phrases_in_quotation_marks() -> None:
    question = "Who said “The Salt  Path”, 'It's over' or \"no\" about Ann's \"…\"?"
    assert set(quoted(question)) >= {"the salt path", "no"}
    assert "…" not in quoted(question)


names = st.text(string.ascii_letters + "åéøß", min_size=3, max_size=12).map(str.capitalize)
codes = st.one_of(
    st.from_regex(r"[A-Z]{2,5}-[0-9]{2,6}", fullmatch=True),
    st.from_regex(r"v?[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{7,12}", fullmatch=True).filter(lambda each: not each.isalpha()),
    st.from_regex(r"[a-z]{2,6}@[a-z]{2,6}\.(com|example)", fullmatch=True),
    st.from_regex(r"/[a-z]{2,5}/[a-z]{2,5}\.(py|txt)", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9] [0-9]{3} [0-9]{3,4}( [0-9]{2,3})?", fullmatch=True),
    st.from_regex(r"\$[1-9][0-9]{0,2}(,[0-9]{3})?\.[0-9]{2}", fullmatch=True),
)


@given(codes, st.sampled_from(["{}", "({})", "It was {}.", "Note: {}, and more", "“{}”!"]))
def test_what_is_asked_for_exactly_is_found_in_any_sentence(code: str, sentence: str) -> None:
    wanted = asked(f"What about {code}?")
    assert wanted
    assert set(wanted) <= held(sentence.format(code))


@given(names)
def test_a_name_is_found_in_any_case_of_the_question(name: str) -> None:
    for question in (f"Where is {name}?", f"where is {name.lower()}?"):
        assert set(asked(question)) & held(f"Yesterday {name} left.") or not asked(name)


@given(st.text())
def test_a_text_holds_what_it_asks_for(text: str) -> None:
    assume(text not in (text.lower(), text.upper()))
    assert set(asked(text)) <= held(text)


@given(st.text(max_size=3_000))
def test_any_text_is_read(text: str) -> None:
    assert len(asked(text)) <= MOST_ASKED
    assert all(each.strip() for each in (*asked(text), *held(text), *quoted(text)))
