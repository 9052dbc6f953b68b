from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos.part_url import PartUrl, hidden

SECRETS = st.text(min_size=1).map(lambda told: f"s3cr3t{told}")
FORMS = st.sampled_from(
    [
        "neo4j://neo4j:{}@host:7687/neo4j",
        "bolt:neo4j:{}@host",
        "https://{}@host",
        "redis+sentinel://:{}@a:1,b:2/service",
        "rediss://host:6379/0?username=x&password={}",
        "neo4j:{}@host",
        "{}@host",
    ]
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:", "sqlite:"),
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("neo4j+s://app:hunter2@db:7687/live", "neo4j+s://***@db:7687/live"),
        ("redis://:hunter2@cache", "redis://***@cache"),
        ("https://token@vectors", "https://***@vectors"),
        ("neo4j://app:a@b/c?d@db", "neo4j://***@db"),
        ("redis://cache?password=hunter2&db=1", "redis://cache?password=***&db=***"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert hidden(url) == shown


@given(FORMS, SECRETS)
def test_no_form_of_a_url_shows_its_secret(form: str, secret: str) -> None:
    for written in (secret, quote(secret, safe="")):
        url = PartUrl(form.format(written))
        assert "s3cr3t" not in f"{url} {url!r} {[url]} {url!s}"


@given(FORMS, st.text("abcdefgh@:/%+ ", min_size=4).map(lambda told: f"s3cr3t{told}"))
def test_what_a_library_tells_is_shown_without_the_secret(form: str, secret: str) -> None:
    url = PartUrl(form.format(quote(secret, safe="")))
    for told in (url.whole, secret, quote(secret, safe="")):
        assert "s3cr3t" not in url.without_secrets(f"cannot connect to {told}: refused")
