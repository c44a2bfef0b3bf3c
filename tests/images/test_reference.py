"""How a user names a picture."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.errors import BadReference
from lightbox.images.records import derive_handle
from lightbox.images.reference import DataURI, FileId, Handle, LocalFile, WebAddress, parse_reference

PIXELS = b"\x89PNG\r\n\x1a\n and more"
BASE64 = base64.b64encode(PIXELS).decode()


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("img_4k2x9w1qza", Handle("img_4k2x9w1qza")),
        ("  `img_4k2x9w1qza` ", Handle("img_4k2x9w1qza")),
        ("lightbox://images/img_4k2x9w1qza", Handle("img_4k2x9w1qza")),
        ("lightbox://images/img_4k2x9w1qza/preview", Handle("img_4k2x9w1qza")),
        ("https://example.com/a%20fox.jpg?x=1", WebAddress("https://example.com/a%20fox.jpg?x=1")),
        ("HTTP://example.com/fox", WebAddress("HTTP://example.com/fox")),
        ("https://example.com/a fox.jpg", WebAddress("https://example.com/a%20fox.jpg")),
        ("/home/me/fox.png", LocalFile(Path("/home/me/fox.png"))),
        ("./fox.png", LocalFile(Path("fox.png"))),
        ("fox.png", LocalFile(Path("fox.png"))),
        ("img_20240102.jpg", LocalFile(Path("img_20240102.jpg"))),
        ("img_4k2x9w1qza.png", LocalFile(Path("img_4k2x9w1qza.png"))),
        ("a photo: of a fox.png", LocalFile(Path("a photo: of a fox.png"))),
        ("~/Pictures/fox.png", LocalFile(Path("~/Pictures/fox.png"))),
        ("file:///home/me/a%20fox.png", LocalFile(Path("/home/me/a fox.png"))),
        ("file://localhost/home/me/fox.png", LocalFile(Path("/home/me/fox.png"))),
        ("file:///C:/Users/me/fox.png", LocalFile(Path("C:/Users/me/fox.png"))),
        (r"C:\Users\me\fox.png", LocalFile(Path(r"C:\Users\me\fox.png"))),
        (r"\\server\share\fox.png", LocalFile(Path(r"\\server\share\fox.png"))),
        ("file-abc123XYZ", FileId("file-abc123XYZ")),
        ("file_abc123XYZ", FileId("file_abc123XYZ")),
        (f"data:image/png;base64,{BASE64}", DataURI("image/png", PIXELS)),
        (f"DATA:image/png;name=fox.png;BASE64,{BASE64}", DataURI("image/png", PIXELS)),
        (f"data:;base64,{BASE64}", DataURI("", PIXELS)),
        (f"data:image/png;base64,{BASE64[:8]}\n {BASE64[8:]}".rstrip("="), DataURI("image/png", PIXELS)),
        ("data:image/svg+xml,%3Csvg%3E", DataURI("image/svg+xml", b"<svg>")),
    ],
)
def test_each_form_is_told_from_the_others(text: str, reference: object) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("the second one", "a path has a folder or an extension"),
        ("img_ABC", "10 lower-case letters or digits"),
        ("lightbox://images/fox", "10 lower-case letters or digits"),
        ("ftp://example.com/fox.png", "ftp:// addresses can't be fetched"),
        ("https://", "no host"),
        ("https://example.com:port/", "malformed"),
        ("http://[::1/fox.png", "malformed"),
        ("file://server/share/fox.png", "this machine"),
        ("~nobody-of-this-name/fox.png", "only your own home folder"),
        ("~root/fox.png", "only your own home folder"),
        ("~root", "only your own home folder"),
        ("data:image/png;base64", "a comma and the bytes"),
        ("data:image/png;base64,", "no bytes"),
        ("data:image/png;base64,????", "base64 is broken"),
        ("data:image/png;base64,abcde", "cut off"),
        ("data:text/html;base64,aGVsbG8=", "text/html, not a picture"),
        ("pictures/fox\0.png", "control characters"),
    ],
)
def test_a_malformed_reference_is_named_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(BadReference, match=reason) as caught:
        parse_reference(text)
    message = str(caught.value)
    assert all(form in message for form in ("img_", "http(s) URL", "path", "data:image/png;base64,", "file-"))


@pytest.mark.parametrize(
    "text",
    [
        "/mnt/user-data/uploads/fox.png",
        "file:///mnt/user-data/uploads/fox.png",
        "/mnt/data/fox.png",
        "sandbox:/mnt/data/fox.png",
        "attachment://fox.png",
        "blob:https://chat.example/1234",
    ],
)
def test_an_attachment_of_the_chat_is_explained(text: str) -> None:
    with pytest.raises(BadReference, match="attachment of the chat") as caught:
        parse_reference(text)
    assert "Pass instead" in str(caught.value)


def test_a_long_value_is_shortened_in_the_error() -> None:
    with pytest.raises(BadReference) as caught:
        parse_reference("data:image/png;base64," + "A" * 1_000_001)
    assert len(str(caught.value)) < 500
    assert "1,000,023 characters" in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_a_bad_one(text: str) -> None:
    try:
        parse_reference(text)
    except BadReference as error:
        assert str(error).isprintable()  # noqa: PT017 - both ends are right


@given(st.text(), st.text())
def test_every_handle_that_is_given_out_can_be_passed_back(owner: str, url: str) -> None:
    handle = derive_handle(owner, url)
    assert parse_reference(handle) == Handle(handle)
    assert parse_reference(f"lightbox://images/{handle}") == Handle(handle)
