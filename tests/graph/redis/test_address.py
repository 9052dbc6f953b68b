from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemos_graph.errors import BadInput
from mnemos_graph.redis.address import Form, parse

SECRET = "hunter2"


def test_an_address_says_where_and_who() -> None:
    address = parse("rediss://agent:p%40ss%2Fword@cache.internal:6380/3?prefix=staging")
    assert (address.form, address.tls, address.hosts) == (
        Form.ONE,
        True,
        (("cache.internal", 6380),),
    )
    assert (address.username, address.password) == ("agent", "p@ss/word")
    assert address.name("hints") == "staging:1:3:hints"


def test_sentinels_are_named_with_the_service_behind_them() -> None:
    address = parse("redis+sentinel://:secret@one,two:5000,[::1]:5001/live/2")
    assert address.hosts == (("one", 26379), ("two", 5000), ("::1", 5001))
    assert (address.form, address.service, address.db) == (Form.SENTINEL, "live", 2)


def test_a_cluster_is_reached_by_any_of_its_servers() -> None:
    assert parse("redis+cluster://one,two").hosts == (("one", 6379), ("two", 6379))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://", "This is no address of a Redis. Write redis://"),
        ("memcached://host", "This is no address of a Redis."),
        ("redis+ring://host", "This is no address of a Redis."),
        (f"redis://:{SECRET}/x@host", "A host of this address cannot be read."),
        (f"redis://:{SECRET}@host:port", "A host of this address cannot be read."),
        (f"redis://:{SECRET}@host:99999", "A host of this address cannot be read."),
        ("redis://host/one", "The database of a Redis is a number"),
        ("redis+sentinel://host", "Name the service behind the host of a sentinel"),
        ("redis+cluster://host/1", "A cluster has no databases"),
        (f"redis://host?pasword={SECRET}", "'pasword' is no option of a Redis. There are prefix"),
        ("rediss://host?ssl_ca_certs=nowhere.pem", "There is no file 'nowhere.pem', which ssl_ca_"),
        ("redis://host?prefix=a:b", "The prefix has up to 64 letters"),
    ],
)
def test_what_cannot_be_opened_is_said_without_secrets(url: str, says: str) -> None:
    with pytest.raises(BadInput, match="^" + says.replace(".", r"\.").replace("?", r"\?")) as told:
        parse(url)
    assert SECRET not in str(told.value)


def test_no_secret_is_shown() -> None:
    address = parse(f"redis+sentinel://u:{SECRET}@host/live?sentinel_password={SECRET}")
    assert SECRET not in repr(address) + address.shown


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"redis://{text}", f"redis+sentinel://{text}"):
        with suppress(BadInput):
            assert parse(url).hosts
