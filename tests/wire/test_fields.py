from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.wire.bodies import web_url
from lightbox.wire.response import MOST_HITS, MOST_QUERIES, SearchItem, read_item

MALFORMED = {
    "brackets that do not close": "http://[bad",
    "an address of a future version": "http://[v1.a:b]/x.jpg",
    "no address between brackets": "http://[::g]/x.jpg",
    "brackets around a name": "https://[example.com]/x.jpg",
    "a port out of range": "http://e.com:65536/x.jpg",
    "a port that is not a number": "http://e.com:port/x.jpg",
    "no host": "https:///x.jpg",
    "a port alone": "https://:443/x.jpg",
    "a host that is another when it is normalized": "https://e.com\u2100.org/x.jpg",
    "a blank inside": "https://e.com/a cat.jpg",
    "a line break inside": "https://e.com/a\ncat.jpg",
    "a wide blank inside": "https://e.com/a\u3000cat.jpg",
    "a control character": "https://e.com/a\x00cat.jpg",
    "a control character of the second set": "https://e.com/a\x9bcat.jpg",
    "too long": "https://e.com/" + "x" * 8192,
    "another scheme": "ftp://e.com/x.jpg",
    "not a string": 7,
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_not_a_web_address_is_none(case: str) -> None:
    assert web_url(MALFORMED[case]) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://e.com/cat.jpg",
        "HTTPS://E.com:443/cat.jpg?size=large#top",
        "http://[::1]:8000/cat.jpg",
        "http://127.0.0.1/",
        "https://b\u00fccher.example/\u732b.jpg",
        "https://me@e.com/cat.jpg",
        "https://e.com/" + "x" * 8178,
    ],
)
def test_a_web_address_is_given_as_it_came(url: str) -> None:
    assert web_url(f" {url}\n") == url


@given(st.text(max_size=30))
def test_no_text_makes_the_reading_of_an_address_fail(text: str) -> None:
    web_url("http://" + text)


def search(rows: list[Any], **fields: Any) -> SearchItem:
    item = read_item({"type": "web_search_image_call", "output": rows, **fields})
    assert isinstance(item, SearchItem)
    return item


def test_a_page_or_thumbnail_that_is_malformed_is_left_out_and_the_hit_stays() -> None:
    row = {
        "url": "https://e.com/cat.jpg",
        "source_website_url": "http://[bad",
        "thumbnail_url": "https://e.com:99999/s.jpg",
    }
    hits = search([row]).hits
    assert hits is not None
    [hit] = hits
    assert (hit.url, hit.page_url, hit.thumbnail_url) == ("https://e.com/cat.jpg", None, None)


def test_what_is_kept_of_one_search_is_bounded() -> None:
    rows = [{"url": "https://e.com/0.jpg", "title": "x" * 5000}] * 400
    rows += [{"url": f"https://e.com/{n}.jpg", "title": "x"} for n in range(400)]
    item = search(rows, arguments={"queries": ["y" * 5000] * 400})
    hits = item.hits
    assert hits is not None
    assert [hit.url for hit in hits] == [f"https://e.com/{n}.jpg" for n in range(MOST_HITS)]
    assert hits[0].title == "x" * 2000
    assert item.queries == ("y" * 2000,) * MOST_QUERIES
