"""Bad input: each error names the thing, the value and the fix; nothing is sent, nothing is billed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.conftest import Answer, Ask, Connect, MakeSettings, Upstream
    from tests.tools.conftest import DataURI, Paint

MB = 1_000_000


@dataclass(frozen=True)
class Row:
    """A call that is wrong: what the error must say, and what the files are that it names.

    `{given}` and `{upstream}` in arguments stand for the folder of given files and the sandbox's origin.
    """

    tool: str
    arguments: dict[str, Any]
    says: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    sent: int = 0


WRONG_ARGUMENTS = {
    "missing": Row("search_images", {}, ("query is missing",)),
    "misspelt": Row("generate_image", {"promt": "a fox"}, ("prompt is missing", "promt is not an", "it takes")),
    "empty": Row("search_images", {"query": "  "}, ("query '  '", "at least 1 character")),
    "too many hits": Row("search_images", {"query": "a", "count": 101}, ("count 101", "less than or equal to 100")),
    "no hits": Row("search_images", {"query": "a", "count": 0}, ("count 0", "greater than or equal to 1")),
    "no number": Row("search_images", {"query": "a", "count": "many"}, ("count 'many'", "integer")),
    "too many pictures": Row("generate_image", {"prompt": "a", "count": 5}, ("count 5", "less than or equal to 4")),
    "no such quality": Row("generate_image", {"prompt": "a", "quality": "best"}, ("quality 'best'", "'low'", "'high'")),
    "no such format": Row("generate_image", {"prompt": "a", "format": "jpg"}, ("format 'jpg'", "'jpeg'")),
    "no such provider": Row("search_images", {"query": "a", "provider": "google"}, ("provider 'google'", "'openai'")),
    "no size": Row("generate_image", {"prompt": "a", "size": "large"}, ("size 'large'", "WIDTHxHEIGHT", "1920x1080")),
    "too compressed": Row(
        "generate_image",
        {"prompt": "a", "format": "webp", "compression": 101},
        ("compression 101", "less than or equal to 100"),
    ),
    "no picture": Row("edit_image", {"images": [], "prompt": "a"}, ("images []", "at least 1")),
    "too many to edit": Row("edit_image", {"images": ["a.png"] * 17, "prompt": "a"}, ("images", "at most 16")),
    "an area that is no place": Row(
        "edit_image",
        {"images": ["a.png"], "prompt": "a", "area": "the sky"},
        ("“sky” in “the sky” is not understood", "`left third`", "Nothing was sent"),
    ),
    "an area without words": Row("edit_image", {"images": ["a.png"], "prompt": "a", "area": " "}, ("area ' '",)),
    "an area and a mask": Row(
        "edit_image",
        {"images": ["a.png"], "prompt": "a", "area": "left third", "mask": "b.png"},
        ("area and mask", "pass one of them"),
    ),
    "too many to view": Row("view_images", {"images": ["a.png"] * 25}, ("images", "at most 24")),
    "too large a side": Row("view_images", {"images": ["a.png"], "max_side": 2001}, ("max_side 2001", "2000")),
    "no such layout": Row("view_images", {"images": ["a.png"], "layout": "grid"}, ("layout 'grid'", "'sheet'")),
    "no such detail": Row("describe_images", {"images": ["a.png"], "detail": "ultra"}, ("detail 'ultra'", "'high'")),
    "null": Row("search_images", {"query": None}, ("query None", "string")),
    "price of no tool": Row(
        "estimate_cost", {"tool": "search_image", "arguments": {}}, ("tool 'search_image'", "'search_images'")
    ),
    "price of wrong arguments": Row(
        "estimate_cost",
        {"tool": "generate_image", "arguments": {"promt": "a"}},
        ("arguments of generate_image", "promt is not an argument", "prompt"),
    ),
    "no such period": Row("get_spending", {"period": "decade"}, ("period 'decade'", "'month'")),
    "no such job": Row("get_job", {"job_id": "job_000000000000"}, ("job_000000000000",)),
    "no job id": Row("get_job", {"job_id": "latest"}, ("latest",)),
}

WRONG_OPTIONS = {
    "far too large": Row("generate_image", {"prompt": "a", "size": "9999x9999"}, ("9999x9999", "(try ")),
    "quality": Row(
        "generate_image",
        {"prompt": "a", "model": "gpt-image-1", "quality": "max"},
        ("gpt-image-1", "max", "(try high)"),
    ),
    "transparent in jpeg": Row(
        "generate_image",
        {"prompt": "a", "model": "gpt-image-1", "background": "transparent", "format": "jpeg"},
        ("transparent", "jpeg", "(try png)"),
    ),
    "compressed png": Row("generate_image", {"prompt": "a", "compression": 50}, ("compression 50", "png", "jpeg")),
    "a model that does not paint": Row(
        "generate_image",
        {"prompt": "a", "model": "gpt-5.6-luna"},
        ("gpt-5.6-luna", "not make pictures", "gpt-image"),
    ),
    "an area outside the picture": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "prompt": "a", "area": "400,80,40,30"},
        ("“400,80,40,30” is outside the picture, which is 320x240 px", "x is below 320"),
    ),
    "an area that reaches beyond the picture": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "prompt": "a", "area": "left half; 300,80,40,30"},
        ("“300,80,40,30” is partly outside the picture, which is 320x240 px", "`300,80,20,30`"),
    ),
    "an empty area": Row(
        "edit_image", {"images": ["{given}/photo.png"], "prompt": "a", "area": "9,9,0,9"}, ("“9,9,0,9” is empty",)
    ),
    "an area that fades away": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "prompt": "a", "area": "9,9,9,9 feather 12"},
        ("area leaves nothing", "fade over 12 px"),
    ),
    "an area of a provider's file": Row(
        "edit_image", {"images": ["file-abc123"], "prompt": "a", "area": "left third"}, ("area", "size is unknown")
    ),
    "a gif of an area": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "area": "left third", "prompt": "a", "format": "gif"},
        ("gif", "mask", "png"),
    ),
    "a mask of another shape": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "mask": "{given}/tall.png", "prompt": "a"},
        ("mask is 100x400 px", "image 320x240 px", "`left third`"),
    ),
    "a masked gif": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "mask": "{given}/photo.png", "prompt": "a", "format": "gif"},
        ("gif", "mask", "png"),
    ),
    "fidelity": Row(
        "edit_image",
        {"images": ["{given}/photo.png"], "prompt": "a", "fidelity": "high", "model": "gpt-image-2"},
        ("gpt-image-2", "fidelity", "leave it out"),
    ),
    "a provider that can not": Row(
        "find_similar_images",
        {"image": "https://example.com/a.png", "provider": "openai"},
        ("openai can't find similar pictures", "DASHSCOPE_API_KEY"),
    ),
    "a provider without key": Row(
        "search_images",
        {"query": "a", "provider": "dashscope"},
        ("dashscope is not configured", "DASHSCOPE_API_KEY"),
        {"dashscope_api_key": None},
    ),
    "nobody who can": Row(
        "find_similar_images",
        {"image": "{given}/photo.png", "provider": "openai"},
        ("openai can't find similar pictures", "DASHSCOPE_API_KEY"),
    ),
}

WRONG_REFERENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "a missing file": ("{given}/none.png", ("{given}/none.png", "does not exist", "check the path")),
    "a text": ("{given}/text.png", ("{given}/text.png", "not a picture", "Pass a PNG")),
    "an empty file": ("{given}/empty.png", ("{given}/empty.png", "not a picture", "empty")),
    "a folder": ("{given}/folder.png", ("{given}/folder.png", "Is a directory")),
    "a pipe": ("{given}/pipe.png", ("{given}/pipe.png", "not an ordinary file")),
    "an unreadable file": ("{given}/unreadable.png", ("{given}/unreadable.png", "Permission denied", "permissions")),
    "a large file": ("{given}/large.png", ("{given}/large.png", "larger than 20 MB", "smaller copy")),
    "a bomb": ("{given}/bomb.png", ("{given}/bomb.png", "10000x10000 px", "100 megapixels", "at most 50")),
    "a drawing": ("{given}/drawing.svg", ("{given}/drawing.svg", "SVG", "PNG")),
    "a file outside": ("{given}/../outside.png", ("outside.png", "outside the folders", "LIGHTBOX_READ_DIRS")),
    "a link that leads outside": ("{given}/link.png", ("link.png", "outside the folders", "LIGHTBOX_READ_DIRS")),
    "a file of the system": ("/etc/passwd", ("/etc/passwd", "outside the folders", "LIGHTBOX_READ_DIRS")),
    "an attachment": ("/mnt/user-data/uploads/a.png", ("attachment of the chat", "path", "URL")),
    "a dead address": ("{upstream}/v1/nowhere.png", ("{upstream}/v1/nowhere.png", "404")),
    "a page": ("{upstream}/sandbox/requests", ("{upstream}/sandbox/requests", "not a picture")),
    "a closed port": ("http://127.0.0.1:9/a.png", ("127.0.0.1:9", "loopback", "LIGHTBOX_FETCH_ALLOW")),
    "a private address": ("http://10.0.0.1/a.png", ("10.0.0.1", "private", "LIGHTBOX_FETCH_ALLOW")),
    "a cloud's metadata": ("http://169.254.169.254/latest/", ("169.254.169.254", "link-local")),
    "a mapped address": ("http://[::ffff:127.0.0.1]/a.png", ("::ffff:127.0.0.1", "LIGHTBOX_FETCH_ALLOW")),
    "another scheme": ("ftp://example.com/a.png", ("ftp://example.com/a.png", "http://")),
    "no host": ("http:///a.png", ("http:///a.png", "no host")),
    "a data URI without data": ("data:image/png;base64,", ("data:image/png;base64,", "no bytes")),
    "a data URI without comma": ("data:image/png;base64", ("data:image/png;base64", "a comma")),
    "broken base64": ("data:image/png;base64,iVBOR!!!", ("iVBOR!!!", "base64 is broken")),
    "a data URI of text": ("data:text/plain,hello", ("data:text/plain,hello", "text/plain", "not a picture")),
    "a data URI of no picture": ("data:image/png;base64,aGVsbG8=", ("data URI", "not a picture")),
    "words": ("the second one", ("the second one", "handle", "URL", "path")),
    "a handle that is none": ("img_123", ("img_123", "10 lower-case letters")),
    "an unknown handle": ("img_0000000000", ("img_0000000000", "exactly as a tool gave it")),
    "control characters": ("a\x07.png", ("control characters",)),
}

TAKERS: dict[str, Callable[[str], tuple[str, dict[str, Any]]]] = {
    "view_images": lambda reference: ("view_images", {"images": [reference]}),
    "describe_images": lambda reference: ("describe_images", {"images": [reference]}),
    "find_similar_images": lambda reference: ("find_similar_images", {"image": reference}),
    "edit_image": lambda reference: ("edit_image", {"images": [reference], "prompt": "at night"}),
    "mask": lambda reference: (
        "edit_image",
        {"images": ["{given}/photo.png"], "mask": reference, "prompt": "at night"},
    ),
    "estimate_cost": lambda reference: (
        "estimate_cost",
        {"tool": "describe_images", "arguments": {"images": [reference]}},
    ),
}


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory, paint: Paint) -> Path:
    """A folder that may be read, with what people pass by mistake."""
    folder = tmp_path_factory.mktemp("files") / "given"
    (folder / "folder.png").mkdir(parents=True)
    (folder / "photo.png").write_bytes(paint())
    (folder / "tall.png").write_bytes(paint("white", "black", (100, 400)))
    (folder / "text.png").write_text("This is not a picture.")
    (folder / "empty.png").touch()
    (folder / "unreadable.png").write_bytes(paint())
    (folder / "unreadable.png").chmod(0)
    (folder / "large.png").write_bytes(paint())
    os.truncate(folder / "large.png", 34 * MB)
    Image.new("1", (10_000, 10_000)).save(folder / "bomb.png")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
    os.mkfifo(folder / "pipe.png")
    (folder.parent / "outside.png").write_bytes(paint())
    (folder / "link.png").symlink_to(folder.parent / "outside.png")
    return folder


async def refused(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, given: Path, row: Row
) -> None:
    """Make a wrong call, and see that it is refused in these words, before anything is sent or billed."""
    names = {"{given}": str(given), "{upstream}": upstream.origin}
    made = settings(read_dirs=(given,)).model_copy(update=row.settings)
    async with connect(made) as client:
        answer = await ask(client, row.tool, **filled(row.arguments, names))
        _says(answer, [filled(words, names) for words in row.says])
    assert upstream.paid == 0
    assert booked(made.state_dir) == 0


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, meaning in names.items():
            value = value.replace(name, meaning)
        return value
    if isinstance(value, list):
        return [filled(item, names) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in cast("dict[str, Any]", value).items()}
    return value


def booked(state_dir: Path) -> int:
    """Count the jobs in the journal: each one was, or may have been, paid for."""
    path = state_dir / "lightbox.sqlite3"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as database:
        [(count,)] = database.execute("select count(*) from jobs")
    return count


def _says(answer: Answer, wanted: list[str]) -> None:
    assert answer.failed, answer.text
    assert [words for words in wanted if words not in answer.text] == [], answer.text
    assert answer.result.structured_content is None


@pytest.mark.parametrize("row", WRONG_ARGUMENTS.values(), ids=WRONG_ARGUMENTS)
async def test_a_wrong_argument_is_named_with_its_value_and_what_is_right(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, given: Path, row: Row
) -> None:
    await refused(connect, ask, settings, upstream, given, row)
    assert upstream.count == 0


@pytest.mark.parametrize("row", WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
async def test_what_a_known_model_or_provider_can_not_do_is_refused_with_what_it_can(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, given: Path, row: Row
) -> None:
    await refused(connect, ask, settings, upstream, given, row)
    assert upstream.count == 0


@pytest.mark.parametrize("reference", WRONG_REFERENCES)
async def test_a_wrong_reference_is_named_in_every_tool_that_takes_one(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, given: Path, reference: str
) -> None:
    if reference == "an unreadable file" and os.geteuid() == 0:
        pytest.skip("root reads every file")
    text, says = WRONG_REFERENCES[reference]
    names = {"{given}": str(given), "{upstream}": upstream.origin}
    made = settings(read_dirs=(given,))
    async with connect(made) as client:
        for taker in TAKERS.values():
            tool, arguments = taker(text)
            answer = await ask(client, tool, **filled(arguments, names))
            _says(answer, [filled(words, names) for words in says])
    assert upstream.paid == 0
    assert booked(made.state_dir) == 0


async def test_a_data_uri_is_not_repeated_whole_in_its_error(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI
) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=[data_uri(bytes(100_000)) + "!"])

    assert answer.failed
    assert len(answer.text) < 1_000


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("view_images", {"images": [f"/x/{'y' * 1_500}{number}.png" for number in range(24)]}, "LIGHTBOX_READ_DIRS"),
        ("view_images", {"images": [f"http://10.0.0.1/{'y' * 1_500}"]}, "LIGHTBOX_FETCH_ALLOW"),
        ("search_images", {"query": "a", "z" * 30_000: 1}, "it takes query"),
        ("generate_image", {"prompt": "a", "size": "9" * 30_000}, "write WIDTHxHEIGHT"),
    ],
    ids=["paths", "address", "name", "value"],
)
async def test_an_error_fits_however_long_what_it_names_and_keeps_the_fix(
    connect: Connect, ask: Ask, settings: MakeSettings, tool: str, arguments: dict[str, Any], says: str
) -> None:
    async with connect(settings(max_result_bytes=20_000)) as client:
        answer = await ask(client, tool, **arguments)

    _says(answer, [says])
    assert answer.byte_count < 20_000


async def test_over_http_no_file_of_the_machine_is_read(
    connect: Connect, ask: Ask, settings: MakeSettings, given: Path
) -> None:
    async with connect(settings(), "http") as client:
        answer = await ask(client, "view_images", images=[str(given / "photo.png")])
    async with connect(settings(read_dirs=(given,)), "http") as client:
        allowed = await ask(client, "view_images", images=[str(given / "photo.png")])

    _says(answer, ["this server does not read files", "LIGHTBOX_READ_DIRS"])
    assert not allowed.failed


async def test_a_gif_is_made_although_partial_pictures_are_set(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings(partial_images=2)) as client:
        answer = await ask(
            client, "generate_image", prompt="a", model="a-model-that-nobody-knows", size="256x256", format="gif"
        )

    assert not answer.failed, answer.text
    assert "image/gif" in answer.text


@pytest.mark.usefixtures("either_database")
async def test_a_picture_that_was_paid_for_is_kept_where_the_image_folder_can_not_be_written(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("where a folder should be")
    made = settings(image_dir=blocked / "pictures")
    async with connect(made) as client:
        answer = await ask(client, "generate_image", prompt="a fox", model="a-model-that-nobody-knows", size="256x256")

    assert not answer.failed
    assert str(blocked / "pictures") in answer.text
    assert "LIGHTBOX_IMAGE_DIR" in answer.text
    assert str(made.state_dir) in answer.text


async def test_a_state_folder_that_can_not_be_written_is_named_before_anything_is_sent(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, tmp_path: Path
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("where a folder should be")
    async with connect(settings(state_dir=blocked / "state")) as client:
        answer = await ask(client, "search_images", query="a fox")

    _says(answer, [str(blocked / "state"), "LIGHTBOX_STATE_DIR"])
    assert upstream.count == 0
