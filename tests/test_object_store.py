"""Servers that share a state database and an object store: each answers for what another made."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import httpx2
import obstore
import pytest
from mcp.types import CallToolResult, ElicitResult, InputRequiredResult
from obstore.store import from_url

from buckets import S3, SECRET, running
from lightbox.commands.doctor import examine
from lightbox.commands.finding import Finding
from lightbox.errors import SettingsError
from lightbox.http.links import GOOD_FOR_SECONDS, Links
from lightbox.http.sealing import Seal
from lightbox.images.content import Content
from lightbox.images.content_bucket import BucketContent
from lightbox.images.content_folder import FolderContent, SharedFolder
from lightbox.images.records import by_handle
from lightbox.images.upkeep import Pruned, move_over, prune
from lightbox.settings import Settings
from lightbox.state.sqlite import SQLiteDatabase

if TYPE_CHECKING:
    from conftest import Answer, Ask, Connect, HTTPProcess, MakeSettings, ServeHTTP

UNKNOWN = "a-model-that-nobody-knows"
DAY = 86_400.0


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with running() as store:
        yield store


@pytest.fixture
def web() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=30)


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return (tmp_path / "shared").as_uri()
    return request.getfixturevalue("s3").bucket()


Replica = Callable[..., Settings]


@pytest.fixture
def replica(settings: MakeSettings, tmp_path: Path) -> Replica:
    """Make the settings of one of several servers: the state is shared, folders for pictures are not."""

    def make(name: str, url: str, **more: Any) -> Settings:
        return settings(pictures_url=url, image_dir=tmp_path / name, read_dirs=(tmp_path / "given",), **more)

    return make


def link_of(answer: Answer) -> str:
    return next(line for line in answer.text.splitlines() if line.startswith("link: "))[6:]


def content_at(url: str) -> Content:
    return SharedFolder(Path(urlsplit(url).path)) if url.startswith("file") else BucketContent(url)


def objects(url: str) -> list[str]:
    if url.startswith("file"):
        folder = Path(urlsplit(url).path)
        return sorted(file.relative_to(folder).as_posix() for file in files(folder))
    store: Any = from_url(url, client_options={"allow_http": True})
    return sorted(one["path"] for page in cast("Any", obstore).list(store) for one in page)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_one_server_made_another_shows_sends_and_edits(
    connect: Connect,
    ask: Ask,
    serve_http: ServeHTTP,
    web: httpx2.AsyncClient,
    replica: Replica,
    url: str,
    tmp_path: Path,
) -> None:
    one, other = replica("one", url), replica("other", url)
    async with (
        serve_http(one) as first,
        serve_http(other) as second,
        web,
        connect(one, "http", token="a", url=first) as here,  # noqa: S106 - a name
        connect(other, "http", token="a", url=second) as there,  # noqa: S106 - likewise
    ):
        made = await ask(here, "generate_image", prompt="a fox in snow", model=UNKNOWN, size="256x256")
        [handle] = made.handles
        sent = await web.get(f"{second}{urlsplit(link_of(made)).path}?{urlsplit(link_of(made)).query}")
        read = await there.read_resource(f"lightbox://images/{handle}")
        preview = await there.read_resource(f"lightbox://images/{handle}/preview")
        viewed = await ask(there, "view_images", images=[handle])
        edited = await ask(there, "edit_image", images=[handle], prompt="at night", model=UNKNOWN)

    assert sent.status_code == 200, sent.text
    assert sent.headers["content-type"] == "image/png"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-disposition"].startswith(f'attachment; filename="{handle}.png"')
    assert "a-fox-in-snow" in sent.headers["content-disposition"]
    assert int(sent.headers["content-length"]) == len(sent.content)
    [content] = read.contents
    assert content.model_dump()["blob"]
    assert preview.contents
    assert viewed.pictures
    assert not edited.failed, edited.text
    assert len([name for name in objects(url) if name.startswith("pictures/")]) == 2
    assert files(tmp_path / "one") == files(tmp_path / "other") == []  # nobody there looks into a server's folders
    assert "note:" not in made.text


async def test_a_link_ends_after_a_quarter_of_an_hour(
    connect: Connect, ask: Ask, serve_http: ServeHTTP, web: httpx2.AsyncClient, settings: MakeSettings
) -> None:
    made = settings()
    async with serve_http(made) as origin, web, connect(made, "http", url=origin) as client:
        [handle] = (await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")).handles
        seal, database = Seal(), SQLiteDatabase(made.state_dir)
        await seal.take_key(database)
        await database.close()
        statuses = [
            (await web.get(Links(seal, lambda ago=ago: time.time() - ago).make(origin, "http", handle))).status_code
            for ago in (0, GOOD_FOR_SECONDS - 30, GOOD_FOR_SECONDS + 5)
        ]

    assert GOOD_FOR_SECONDS == 900
    assert statuses == [200, 200, 403]


async def test_a_link_leads_to_the_store_where_callers_reach_it(
    connect: Connect, ask: Ask, serve_http: ServeHTTP, web: httpx2.AsyncClient, replica: Replica, s3: S3
) -> None:
    settings = replica("one", s3.bucket(), pictures_links="store")
    async with serve_http(settings) as origin, web, connect(settings, "http", url=origin) as client:
        made = await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
        led = await web.get(link_of(made))
        sent = await web.get(led.headers["location"])

    assert led.status_code == 307
    assert led.headers["location"].startswith(s3.origin)
    assert led.headers["cache-control"] == "no-store"
    assert 0 < int(httpx2.URL(led.headers["location"]).params["X-Amz-Expires"]) <= 60
    assert sent.content.startswith(b"\x89PNG")
    assert sent.headers["content-disposition"].startswith("attachment")


async def test_over_stdio_made_pictures_are_in_the_image_folder_and_in_the_store(
    connect: Connect, ask: Ask, replica: Replica, s3: S3, tmp_path: Path
) -> None:
    async with connect(replica("one", url := s3.bucket())) as client:
        made = await ask(client, "generate_image", prompt="a fox in snow", model=UNKNOWN, size="256x256")
    [file] = files(tmp_path / "one")
    file.unlink()
    async with connect(replica("other", url)) as client:
        viewed = await ask(client, "view_images", images=made.handles)

    assert f"path: {file}" in made.text
    assert viewed.pictures
    assert len([name for name in objects(url) if name.startswith("pictures/")]) == 1


async def test_what_users_give_and_what_is_found_is_in_the_store_and_no_partial_picture_stays(
    connect: Connect, ask: Ask, replica: Replica, s3: S3, tmp_path: Path
) -> None:
    settings = replica("one", url := s3.bucket())
    async with connect(settings) as client:
        found = await ask(client, "search_images", query="a fox", count=1)
        await ask(client, "view_images", images=found.handles[:1])
        made = await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
        (tmp_path / "given").mkdir()
        files(tmp_path / "one")[0].rename(tmp_path / "given" / "fox.png")
        await ask(client, "view_images", images=[str(tmp_path / "given" / "fox.png")])
        assert not made.failed

    assert len([name for name in objects(url) if name.startswith("pictures/")]) == 2
    assert [name for name in objects(url) if name.startswith("partials/")] == []
    assert not (settings.state_dir / "pictures").exists()


async def test_what_was_paid_for_outlives_a_store_that_can_not_be_written(
    connect: Connect, ask: Ask, replica: Replica, s3: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = s3.bucket()
    settings = replica("one", url)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        async with connect(settings, "http") as client:
            made = await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
            viewed = await ask(client, "view_images", images=made.handles)
    assert not made.failed, made.text
    assert "can't be written (it can't be reached)" in made.text
    assert "kept in the state folder instead" in made.text
    assert SECRET not in made.text
    assert viewed.pictures
    assert len(files(settings.state_dir / "pictures")) == 1

    database = SQLiteDatabase(settings.state_dir)
    assert await move_over(database, FolderContent(settings.state_dir), BucketContent(url)) == 1
    assert await move_over(database, FolderContent(settings.state_dir), BucketContent(url)) == 0
    moved = await database.read(partial(by_handle, owner="http", handle=made.handles[0]))
    await database.close()
    assert moved is not None
    assert (moved.path, moved.note) == (None, None)
    async with connect(replica("other", url), "http") as client:
        read = await client.read_resource(f"lightbox://images/{made.handles[0]}")
    assert read.contents
    assert files(settings.state_dir / "pictures") == []
    assert files(tmp_path / "one") == []


async def test_a_picture_that_can_not_be_read_now_is_not_told_to_be_gone(
    connect: Connect,
    ask: Ask,
    serve_http: ServeHTTP,
    web: httpx2.AsyncClient,
    replica: Replica,
    s3: S3,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = replica("one", s3.bucket())
    async with connect(settings, "http") as client:
        made = await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    async with serve_http(settings) as origin, web, connect(settings, "http", url=origin) as client:
        viewed = await ask(client, "view_images", images=made.handles)
        sent = await web.get(f"{origin}{urlsplit(link_of(made)).path}?{urlsplit(link_of(made)).query}")

    assert "can't be read (it can't be reached)" in viewed.text
    assert sent.status_code == 503
    assert "can't be read" in sent.text


async def test_pruning_leaves_made_pictures_and_takes_what_nobody_needs(
    connect: Connect, ask: Ask, replica: Replica, url: str
) -> None:
    settings = replica("one", url)
    async with connect(settings) as client:
        found = await ask(client, "search_images", query="a fox", count=2)
        await ask(client, "view_images", images=found.handles[:2])
        content, database = content_at(url), SQLiteDatabase(settings.state_dir)
        fetched = [one async for page in content.listed("pictures") for one in page]
        await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
    await content.put("pictures/aa/nobody.png", b"x" * 100, "image/png")
    await content.replace("partials/job_gone", b"half a fox")
    later = time.time() + 2 * DAY

    async def round_of(where: SQLiteDatabase, cache_bytes: int) -> Pruned:
        return await prune(where, content, keep_days=90, cache_bytes=cache_bytes, now=later, shared=True)

    swept = await round_of(database, sum(one.byte_count for one in fetched))  # made ones are no cache
    another = SQLiteDatabase(settings.state_dir.parent / "another")
    assert not await round_of(another, 0)  # the pictures are not its own
    await another.close()
    cut = await round_of(database, 0)
    again = await round_of(database, 0)
    await database.close()

    assert (swept.files, swept.byte_count, swept.partials) == (1, 100, 1)
    assert cut.files == len(fetched) >= 1
    assert not again
    assert len([name for name in objects(url) if name.startswith("pictures/")]) == 1


async def test_what_one_server_asked_the_person_another_hears_the_answer_to(
    connect: Connect, serve_http: ServeHTTP, settings: MakeSettings
) -> None:
    made = settings(confirm_above="0.001 USD")
    arguments = {"prompt": "a fox", "model": "gpt-image-2", "size": "1024x1024", "quality": "low"}
    agreed = ElicitResult(action="accept", content={"agree": True})

    async def nobody(*_: object) -> ElicitResult:
        return agreed

    async with (
        serve_http(made) as first,
        serve_http(made) as second,
        connect(made, "http", url=first, elicitation_callback=nobody) as here,
        connect(made, "http", url=second, elicitation_callback=nobody) as there,
    ):
        asked = await here.session.call_tool("generate_image", arguments, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        answer = await there.session.call_tool(  # the first call that this server sees
            "generate_image",
            arguments,
            allow_input_required=True,
            input_responses={"consent": agreed},
            request_state=asked.request_state,
        )

    assert isinstance(answer, CallToolResult)
    assert not answer.is_error, answer.content


@pytest.mark.slow
async def test_a_server_in_a_process_of_its_own_takes_its_credentials_from_the_environment(
    connect: Connect,
    ask: Ask,
    http_process: HTTPProcess,
    web: httpx2.AsyncClient,
    replica: Replica,
    s3: S3,
) -> None:
    settings = replica("one", s3.bucket())
    with (
        http_process(settings, **s3.environment) as first,
        http_process(replica("other", str(settings.pictures_url)), **s3.environment) as second,
    ):
        async with web, connect(settings, "http", url=first) as client:
            made = await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
            parts = urlsplit(link_of(made))
            sent = await web.get(f"{second}{parts.path}?{parts.query}")  # the first that this server is asked

    assert sent.status_code == 200, sent.text
    assert sent.content.startswith(b"\x89PNG")


async def test_doctor_tries_the_store_and_names_what_is_wrong(
    replica: Replica, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(findings: list[Finding]) -> tuple[bool | None, str]:
        return next((finding.good, finding.text) for finding in findings if finding.what == "object store")

    settings = replica("one", s3.bucket())
    assert told(await examine(settings)) == (True, settings.pictures_url)
    assert objects(str(settings.pictures_url)) == []
    good, text = told(await examine(replica("one", "s3://nobody-made-this/x")))
    assert not good
    assert "there is no such bucket" in text
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    good, text = told(await examine(settings))
    assert not good
    assert "it can't be reached" in text


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("pictures", "begins with s3://"),
        ("memory:///", "begins with s3://"),
        ("https://bucket.s3.amazonaws.com", "begins with s3://"),
        ("s3://", "begins with s3://"),
        ("file://host-only/x", "or file:///"),
        ("s3://key:secret@bucket/x", "credentials belong in the environment"),
        ("s3://bucket/x?token=abc", "credentials belong in the environment"),
    ],
)
def test_an_address_that_is_no_store_is_refused_at_the_start(settings: MakeSettings, url: str, why: str) -> None:
    with pytest.raises(SettingsError, match="LIGHTBOX_PICTURES_URL") as caught:
        settings(pictures_url=url)
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_secrets_of_the_store_are_known_so_that_they_are_struck_out(settings: MakeSettings, s3: S3) -> None:
    assert SECRET in settings(pictures_url=s3.bucket()).keys
    assert SECRET not in settings().keys


def test_without_the_extra_the_setting_is_refused_and_nothing_else_misses_it(tmp_path: Path) -> None:
    program = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "obstore" else find(name, *rest)
import lightbox.opening, lightbox.settings
assert "obstore" not in sys.modules
try:
    lightbox.settings.load(pictures_url="s3://bucket/x")
except Exception as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "pip install 'lightbox-mcp[s3]'" in told
