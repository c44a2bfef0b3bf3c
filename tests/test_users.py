"""What users of such servers ran into, one test per report: none of it happens here.

What concerns jobs, waiting and money is tested in `tests/jobs`.
"""

from __future__ import annotations

import base64
import random
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
import pytest
from PIL import Image
from pydantic import SecretStr

from lightbox.clients.known import client, known_clients, snippet

if TYPE_CHECKING:
    from conftest import Answer, Ask, Connect, MakeSettings, ServeHTTP, Upstream

DESKTOP_BYTES = 1_000_000
"""Above this, clients drop a result; it is measured on the encoded packet."""
LARGEST_SIDE = 8_000
UNKNOWN = "a-model-that-nobody-knows"
REFUSALS = ("http", "sse", "failed", "item", "empty")


def png(width: int, height: int, *, noisy: bool = False) -> bytes:
    """Encode a picture; a noisy one is as many bytes as px."""
    grain = random.Random(width)  # noqa: S311 - the same for every run, and no secret
    image = Image.new("RGB", (width, height), "teal")
    if noisy:
        image = Image.frombytes("RGB", (width, height), grain.randbytes(width * height * 3))
    output = BytesIO()
    image.save(output, "PNG", compress_level=1)
    return output.getvalue()


def uri(data: bytes, mime_type: str = "image/png") -> str:
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"


async def one(connect: Connect, ask: Ask, settings: MakeSettings, tool: str, /, **arguments: object) -> Answer:
    async with connect(settings()) as connected:
        return await ask(connected, tool, **arguments)


async def test_a_picture_of_megabytes_does_not_flood_the_context_nor_pass_a_client_s_limit(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    answer = await one(connect, ask, settings, "view_images", images=[uri(png(1_200, 1_100, noisy=True))])

    assert not answer.failed
    assert answer.byte_count < 600_000 < DESKTOP_BYTES
    assert "resource: lightbox://images/" in answer.text


async def test_who_wants_more_than_a_thumbnail_gets_it(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    answer = await one(connect, ask, settings, "view_images", images=[uri(png(1_900, 1_400))], max_side=2_000)

    assert answer.pictures[0].size == (1_900, 1_400)


@pytest.mark.parametrize("tool", ["generate_image", "view_images"])
async def test_no_client_drops_the_picture_for_structured_content_beside_it(
    connect: Connect, ask: Ask, settings: MakeSettings, tool: str
) -> None:
    arguments: dict[str, object] = {"images": [uri(png(90, 90))]}
    if tool == "generate_image":
        arguments = {"prompt": "a fox", "model": UNKNOWN, "size": "256x256"}
    answer = await one(connect, ask, settings, tool, **arguments)

    assert [block.type for block in answer.result.content] == ["text", "image"]
    assert answer.result.structured_content is None


async def test_a_tool_with_an_output_schema_never_answers_without_structured_content(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as connected:
        await connected.list_tools()  # the SDK's client raises where a schema is not kept
        full = await ask(connected, "search_images", query="a fox")
        cached = await ask(connected, "search_images", query="a fox")
        nothing = await ask(connected, "search_images", query="a fox", model="sandbox-fault/hits=empty")
        words = await ask(connected, "search_images", query="a fox", model="sandbox-fault/calls=none")

    assert full.listed["hits"]
    assert cached.listed["cached"] is True
    assert nothing.listed["hits"] == []
    assert words.failed or words.listed["status"] == "completed"


@pytest.mark.parametrize("claimed", ["image/jpeg", "image/webp", "application/octet-stream"])
async def test_a_wrong_mime_type_never_reaches_the_client(
    connect: Connect, ask: Ask, settings: MakeSettings, claimed: str
) -> None:
    answer = await one(connect, ask, settings, "view_images", images=[uri(png(300, 200), claimed)])

    [(mime_type, data)] = answer.blocks
    assert "image/png" in answer.text
    assert Image.open(BytesIO(data)).get_format_mimetype() == mime_type


async def test_a_picture_of_9000_px_does_not_end_the_session(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    answer = await one(connect, ask, settings, "view_images", images=[uri(png(9_000, 300))], max_side=2_000)

    assert max(answer.pictures[0].size) <= 2_000 < LARGEST_SIDE


async def test_the_path_of_every_made_picture_is_told_and_lies_in_the_one_folder(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    answer = await one(connect, ask, settings, "generate_image", prompt="A red fox", model=UNKNOWN, size="256x256")

    [path] = [Path(line[6:]) for line in answer.text.splitlines() if line.startswith("path: ")]
    assert path.parent == settings().image_dir
    assert path.is_file()


async def test_a_remote_client_gets_a_link_in_place_of_a_path_that_is_useless_to_it(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    made = settings()
    async with serve_http(made) as url, connect(made, "http", url=url) as connected:
        answer = await ask(connected, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
        [link] = [line[6:] for line in answer.text.splitlines() if line.startswith("link: ")]
        async with httpx2.AsyncClient(trust_env=False) as web:
            given = await web.get(link)

    assert "path:" not in answer.text
    assert str(made.image_dir) not in answer.text
    assert given.headers["content-type"] == "image/png"


@pytest.mark.parametrize("attachment", ["/mnt/user-data/uploads/photo.png", "sandbox:/mnt/data/a.png", "attachment:1"])
async def test_an_attachment_of_the_chat_is_explained(
    connect: Connect, ask: Ask, settings: MakeSettings, attachment: str
) -> None:
    answer = await one(connect, ask, settings, "describe_images", images=[attachment])

    assert answer.failed
    assert "attachment of the chat" in answer.text
    assert all(form in answer.text for form in ("path", "URL", "data URI", "handle"))


async def test_a_local_file_can_be_searched_for(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(png(3_000, 2_000))
    async with connect(settings(read_dirs=(tmp_path,))) as connected:
        answer = await ask(connected, "find_similar_images", image=str(path))

    assert not answer.failed, answer.text
    assert answer.listed["status"] == "completed"


async def test_a_search_says_that_nobody_has_looked_at_the_pictures_and_which_tool_shows_them(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    answer = await one(connect, ask, settings, "search_images", query="a fox")

    assert "Nobody has looked at them yet." in answer.text
    assert "next: view_images(images=[" in answer.text


async def test_an_option_that_a_model_lacks_is_no_opaque_400_but_a_nearest_value(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream
) -> None:
    answer = await one(connect, ask, settings, "generate_image", prompt="a fox", model="gpt-image-1", quality="max")

    assert answer.failed
    assert "gpt-image-1 has no quality max" in answer.text
    assert "(try high)" in answer.text
    assert upstream.count == 0


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("generate_image", {"prompt": "a fox", "size": "256x256", "quality": "max"}),
        ("search_images", {"query": "a fox"}),
        ("describe_images", {"images": [uri(png(90, 90))], "detail": "original"}),
    ],
)
async def test_a_model_of_next_month_works_by_its_name(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, tool: str, arguments: dict[str, object]
) -> None:
    answer = await one(connect, ask, settings, tool, model="gpt-9-moon", **arguments)

    assert not answer.failed, answer.text
    assert "gpt-9-moon" in answer.text or tool == "describe_images"
    assert upstream.paid == 1


async def test_a_key_of_another_region_is_told_so_with_the_base_url_and_the_rule(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    made = settings(dashscope_api_key=SecretStr("wrong"))
    async with connect(made) as connected:
        answer = await ask(connected, "search_images", query="a fox")

    assert answer.failed
    assert made.dashscope_base_url in answer.text
    assert "Keys belong to one region: set DASHSCOPE_REGION" in answer.text


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refusal_by_moderation_is_named_in_all_its_shapes_and_never_sent_again(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, refusal: str
) -> None:
    model = f"sandbox-fault/refusal={refusal}"
    answer = await one(connect, ask, settings, "generate_image", prompt="a fox", model=model, size="256x256")

    assert answer.failed
    assert "refus" in answer.text.lower()
    assert upstream.paid == 1


async def test_an_organization_that_is_not_verified_is_told_what_to_do(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    message = quote("The organization must be verified.")
    model = f"sandbox-fault/status=403;message={message}"
    answer = await one(connect, ask, settings, "generate_image", prompt="a fox", model=model, size="256x256")

    assert answer.failed
    assert "verify yours under Settings" in answer.text


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest/meta-data/", "http://localhost:6379/", "http://[::1]/"]
)
async def test_no_address_of_the_inner_network_is_fetched(
    connect: Connect, ask: Ask, settings: MakeSettings, address: str
) -> None:
    answer = await one(connect, ask, settings, "view_images", images=[address])

    assert answer.failed
    assert "Only public addresses are" in answer.text


async def test_no_redirect_leads_into_the_inner_network(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream
) -> None:
    answer = await one(connect, ask, settings, "view_images", images=[f"{upstream.origin}/faulty/private/a.jpg"])

    assert answer.failed
    assert "can't be fetched" in answer.text


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "~/.ssh/id_ed25519", "file:///etc/shadow"])
async def test_no_path_leads_out_of_the_folders_that_may_be_read(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, path: str
) -> None:
    async with connect(settings(read_dirs=(tmp_path,))) as connected:
        answer = await ask(connected, "view_images", images=[path])

    assert answer.failed
    assert "outside the folders that this server may read" in answer.text


def test_there_is_ready_configuration_for_every_client_whose_command_can_be_found() -> None:
    command = ["/opt/lightbox/bin/lightbox"]

    assert {"claude-desktop", "claude-code", "cursor", "vscode", "codex", "gemini-cli"} <= {
        c.name for c in known_clients()
    }
    for known in known_clients():
        assert command[0] in snippet(client(known.name), command)


async def test_logs_go_to_stderr_and_a_stdio_session_lives_on(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings(log_level="DEBUG"), "stdio") as connected:
        await ask(connected, "view_images", images=["nonsense"])
        answer = await ask(connected, "search_images", query="a fox")

    assert not answer.failed


async def test_dead_tiny_and_mislabelled_hits_are_told(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    for fault, state in (("dead", "dead"), ("tiny", "tiny"), ("not_an_image", "not_an_image")):
        model = f"sandbox-fault/hits={fault}"
        answer = await one(connect, ask, settings, "search_images", query="a fox", model=model)
        assert {hit["state"] for hit in answer.listed["hits"]} == {state}


async def test_many_hits_can_be_seen_and_chosen_in_one_small_picture(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    references = [uri(png(300 + number, 200)) for number in range(12)]
    answer = await one(connect, ask, settings, "view_images", images=references)

    assert len(answer.pictures) == 1
    assert len(answer.handles) == 12 + 1  # that of the sheet
    assert answer.byte_count < 600_000
    assert all(f"{number}. img_" in answer.text for number in range(1, 13))
