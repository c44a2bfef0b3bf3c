"""Bytes of pictures under keys: the same whatever is behind them, a folder, a shared folder or S3 over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from moto.s3.models import s3_backends

from buckets import S3, SECRET, running
from lightbox.errors import SettingsError, StorageFailed
from lightbox.images import content_bucket
from lightbox.images.content import Content, content_key, mime_type_of, partial_key
from lightbox.images.content_bucket import BucketContent
from lightbox.images.content_folder import FolderContent, SharedFolder
from loopback import listening

if TYPE_CHECKING:
    from anyio.abc import SocketStream
    from tests.images.conftest import StoreMaker

FOX = b"a fox" * 1000
KEY = content_key(sha256(FOX).hexdigest(), "image/png")
DAY = 86_400.0


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with running() as store:
        yield store


@pytest.fixture(params=["folder", "file", "s3"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Content]:
    """Make doors to one and the same place, as servers that share it do."""
    if request.param == "folder":
        return lambda: FolderContent(tmp_path / "state")
    if request.param == "file":
        return lambda: SharedFolder(tmp_path / "shared")
    url = request.getfixturevalue("s3").bucket()
    return lambda: BucketContent(url)


@pytest.fixture
def content(make: Callable[[], Content]) -> Content:
    return make()


async def keys(content: Content, prefix: str) -> list[str]:
    return sorted([one.key async for page in content.listed(prefix) for one in page])


def age_s3(url: str, key: str, days: float) -> None:
    """Say that an object was written so many days ago."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    backends: Any = s3_backends
    backend = backends["123456789012"]["aws"]
    backend.buckets[bucket].keys[f"{prefix}/{key}"].last_modified = datetime.now(UTC).replace(tzinfo=None) - timedelta(
        days=days
    )


async def test_what_is_kept_by_one_server_is_there_for_another(make: Callable[[], Content]) -> None:
    await make().put(KEY, FOX, "image/png")
    other = make()

    assert await other.get(KEY) == FOX
    assert await other.get(KEY, len(FOX)) == FOX
    pieces = await other.stream(KEY, len(FOX))
    assert pieces is not None
    assert b"".join([piece async for piece in pieces]) == FOX


async def test_what_is_not_there_or_has_another_length_is_not_given(content: Content) -> None:
    assert await content.get(KEY) is None
    assert await content.stream(KEY, len(FOX)) is None
    await content.put(KEY, FOX, "image/png")

    assert await content.get(KEY, len(FOX) - 1) is None
    assert await content.stream(KEY, len(FOX) + 1) is None


async def test_the_same_bytes_are_kept_once_by_however_many_at_once(make: Callable[[], Content]) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(make().put, KEY, FOX, "image/png")

    content = make()
    assert await keys(content, "pictures") == [KEY]
    assert await content.get(KEY) == FOX


async def test_an_unfinished_picture_is_replaced_and_forgotten(content: Content) -> None:
    key = partial_key("job_1")
    await content.replace(key, b"a quarter")
    await content.replace(key, b"half")
    assert await content.get(key) == b"half"
    assert await keys(content, "partials") == [key]

    await content.forget(key)
    await content.forget(key)
    assert await content.get(key) is None


async def test_what_was_listed_is_removed_save_what_was_written_since(content: Content) -> None:
    names = [partial_key(f"job_{n}") for n in range(3)]
    for name in names:
        await content.replace(name, b"half a fox")
    [page] = [page async for page in content.listed("partials")]
    await content.forget(names[2])
    await anyio.sleep(1.1)  # S3 tells seconds
    await content.replace(names[1], b"a whole fox")

    assert {one.byte_count for one in page} == {10}
    assert [one.key for one in await content.remove(page)] == [names[0]]
    assert await keys(content, "partials") == [names[1]]


async def test_a_long_list_comes_in_pages(make: Callable[[], Content], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_bucket, "PAGE", 3)
    monkeypatch.setattr("lightbox.images.content_folder.PAGE", 3)
    content = make()
    names = [f"pictures/{n:02}/{n:02}.png" for n in range(7)]
    for name in names:
        await content.put(name, b"x", "image/png")
    pages = [page async for page in content.listed("pictures")]

    assert max(map(len, pages)) <= 3
    assert sorted(one.key for page in pages for one in page) == names
    assert await keys(content, "nothing") == []


async def test_a_place_belongs_to_the_database_that_claims_it_first(tmp_path: Path, s3: S3) -> None:
    url = s3.bucket()
    for make in (lambda: SharedFolder(tmp_path / "shared"), lambda: BucketContent(url)):
        mine, others = make(), make()
        assert [await mine.claim("mine"), await others.claim("another"), await mine.claim("mine")] == [
            True,
            False,
            True,
        ]


async def test_what_is_used_counts_as_used_today(s3: S3) -> None:
    url = s3.bucket()
    content = BucketContent(url)

    async def days() -> float:
        [[one]] = [page async for page in content.listed("pictures")]
        return (time.time() - one.used_at) / DAY

    await content.put(KEY, FOX, "image/png")
    for use in (lambda: content.get(KEY), lambda: content.put(KEY, FOX, "image/png")):
        age_s3(url, KEY, 0.5)
        await use()
        assert await days() > 0.4
        age_s3(url, KEY, 3)
        await use()
        assert await days() < 0.1


async def test_an_address_that_the_store_signs_brings_the_picture_as_a_file_to_save(s3: S3) -> None:
    content = BucketContent(s3.bucket(), links="store")
    assert await content.address(KEY, 60) is None
    await content.put(KEY, FOX, "image/png")
    address = await content.address(KEY, 60)
    assert address is not None
    answer = httpx2.get(address, trust_env=False)

    assert answer.content == FOX
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "X-Amz-Expires=60" in address
    assert SECRET not in address


async def test_callers_are_sent_to_no_store_that_they_may_not_reach(s3: S3, tmp_path: Path) -> None:
    url = s3.bucket()
    contents = (BucketContent(url), BucketContent(url, links="server"), SharedFolder(tmp_path))
    for content in contents:
        await content.put(KEY, FOX, "image/png")
        assert await content.address(KEY, 60) is None


@pytest.mark.parametrize(
    ("changed", "bucket", "why"),
    [
        ({}, "s3://nobody-made-this-bucket/x", "there is no such bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, None, "it can't be reached"),
    ],
)
async def test_a_store_that_can_not_be_used_is_explained(
    s3: S3, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], bucket: str | None, why: str
) -> None:
    url = bucket or s3.bucket()
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    content = BucketContent(url)
    for use in (
        content.check,
        lambda: content.get(KEY),
        lambda: content.put(KEY, FOX, "image/png"),
        lambda: content.replace(KEY, FOX),
        lambda: keys(content, "pictures"),
        lambda: content.stream(KEY, 5),
        lambda: content.claim("me"),
    ):
        with pytest.raises(StorageFailed) as caught:
            await use()
        assert why in str(caught.value)
        assert url in str(caught.value)
        assert SECRET not in str(caught.value)


async def test_a_store_without_conditional_writes_keeps_pictures_too(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    content = BucketContent(s3.bucket())
    for _ in range(2):
        await content.put(KEY, FOX, "image/png")

    assert await content.get(KEY) == FOX
    assert [await content.claim("me"), await content.claim("another"), await content.claim("me")] == [True, False, True]


async def test_credentials_that_are_refused_are_named_as_the_cause(monkeypatch: pytest.MonkeyPatch, s3: S3) -> None:
    del s3
    told = (
        '<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>No such key.</Message>'
        "<AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId></Error>"
    )

    async def refuse(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            head = f"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: {len(told)}\r\n\r\n"
            await stream.send((head + told).encode())

    async with listening(refuse) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        content = BucketContent("s3://bucket/x", called="The object store")
        for use in (content.check, lambda: content.get(KEY), lambda: content.put(KEY, FOX, "image/png")):
            with pytest.raises(StorageFailed) as caught:
                await use()
            assert "access is denied, InvalidAccessKeyId" in str(caught.value)
            assert "AWS_" in str(caught.value)
            assert "AKIA" not in str(caught.value)


async def test_a_store_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, s3: S3) -> None:
    del s3
    monkeypatch.setattr(content_bucket, "SECONDS", 0.3)
    monkeypatch.setattr(content_bucket, "CHECK_SECONDS", 0.3)

    async def say_nothing(stream: SocketStream) -> None:
        async with stream:
            await anyio.sleep(20)

    async with listening(say_nothing) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        content = BucketContent("s3://bucket/x")
        for use in (content.check, lambda: content.get(KEY), lambda: content.put(KEY, FOX, "image/png")):
            with anyio.fail_after(5), pytest.raises(StorageFailed, match="did not answer in time"):
                await use()
        with anyio.fail_after(5):
            await content.forget(KEY)


@pytest.mark.parametrize("url", ["s3://", "ftp://bucket/x", "s4://x"])
def test_an_address_that_is_no_store_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="LIGHTBOX_PICTURES_URL"):
        BucketContent(url)


async def test_a_folder_that_can_not_be_written_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for content, setting in (
        (FolderContent(tmp_path / "file"), "LIGHTBOX_STATE_DIR"),
        (SharedFolder(tmp_path / "file"), "LIGHTBOX_PICTURES_URL"),
    ):
        for use in (content.check, lambda content=content: content.put(KEY, FOX, "image/png")):
            with pytest.raises(StorageFailed, match=setting):
                await use()
    with pytest.raises(StorageFailed, match="can't be written"):
        await SharedFolder(tmp_path / "file").claim("me")


async def test_an_unfinished_picture_of_one_server_is_seen_by_another(
    make: Callable[[], Content], make_store: StoreMaker
) -> None:
    here, there = make_store(content=make()), make_store(content=make())
    await here.save_partial("job_1", b"half a fox")
    assert await there.partial("job_1") == b"half a fox"
    await here.forget_partial("job_1")
    assert await there.partial("job_1") is None


def test_a_key_tells_what_it_holds() -> None:
    assert content_key("ab" * 32, "image/jpeg") == f"pictures/ab/{'ab' * 32}.jpg"
    assert mime_type_of(content_key("ab" * 32, "image/webp")) == "image/webp"
    assert mime_type_of("pictures/ab/ab") == "application/octet-stream"
