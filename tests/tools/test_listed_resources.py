"""Made pictures in the list of resources, for clients that offer it to pick from, and who is told that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.types import ResourceListChangedNotification

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Ask, Connect, LetIn, MakeSettings, Mode, ServeHTTP, Transport

SMALL: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": "256x256"}
SECONDS = 20
ADA, BEN = "ada", "ben"


async def pictures_of(client: Client) -> dict[str, Any]:
    listed = (await client.list_resources()).resources
    return {str(each.uri): each for each in listed if str(each.uri).startswith("lightbox://images/")}


class Told:
    """Counts what a client of the 2025 protocol is told."""

    def __init__(self) -> None:
        self.changed = anyio.Event()

    async def __call__(self, message: object) -> None:
        if isinstance(message, ResourceListChangedNotification):
            self.changed.set()


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_what_was_made_is_listed_newest_first_with_what_a_picker_shows(
    connect: Connect, ask: Ask, settings: MakeSettings, mode: Mode
) -> None:
    async with connect(settings(), "memory", mode) as client:
        before = await pictures_of(client)
        await ask(client, "search_images", query="a lake", count=2)
        [first] = (await ask(client, "generate_image", prompt="a fox", **SMALL)).handles
        [second] = (await ask(client, "generate_image", prompt="an owl", **SMALL)).handles
        listed = await pictures_of(client)
        [read] = (await client.read_resource(f"lightbox://images/{second}")).contents
        others = {str(each.uri) for each in (await client.list_resources()).resources} - set(listed)

    assert before == {}
    assert others == {"lightbox://models"}
    assert list(listed) == [f"lightbox://images/{second}", f"lightbox://images/{first}"]
    owl = listed[f"lightbox://images/{second}"]
    assert owl.title == "an owl"
    assert owl.name.endswith(f"an-owl-{second}.png")
    assert owl.mime_type == read.mime_type == "image/png"
    assert owl.size > 100
    assert owl.annotations.last_modified.startswith("20")
    assert "256x256 px" in owl.description


async def test_a_client_of_2026_that_listens_is_told_when_there_are_new_pictures(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        assert client.server_capabilities.resources is not None
        assert client.server_capabilities.resources.list_changed
        with anyio.fail_after(SECONDS):
            async with client.listen(resources_list_changed=True) as changes:
                await ask(client, "generate_image", prompt="a fox", **SMALL)
                async for _ in changes:
                    break
        assert len(await pictures_of(client)) == 1


@pytest.mark.parametrize("transport", ["memory", "stdio"])
async def test_a_client_of_2025_that_has_the_list_is_told_when_it_changed(
    connect: Connect, ask: Ask, settings: MakeSettings, transport: Transport
) -> None:
    told = Told()
    async with connect(settings(), transport, "legacy", message_handler=told) as client:
        assert client.server_capabilities.resources is not None
        assert client.server_capabilities.resources.list_changed
        await pictures_of(client)
        assert not told.changed.is_set()
        await ask(client, "generate_image", prompt="a fox", **SMALL)
        with anyio.fail_after(SECONDS):
            await told.changed.wait()
        assert len(await pictures_of(client)) == 1


@pytest.mark.usefixtures("either_database")
async def test_over_http_nobody_is_listed_or_told_what_others_make(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    made = settings(tokens=let_in(ADA, BEN))
    async with (
        serve_http(made) as origin,
        connect(made, "http", token=ADA, url=origin) as ada,
        connect(made, "http", token=BEN, url=origin) as ben,
        ada.listen(resources_list_changed=True) as hers,
        ben.listen(resources_list_changed=True) as his,
    ):
        await ask(ada, "generate_image", prompt="a fox", **SMALL)
        with anyio.fail_after(SECONDS):
            async for _ in hers:
                break
        with anyio.move_on_after(0.3):
            async for _ in his:
                pytest.fail("ben was told of what ada made")
        assert len(await pictures_of(ada)) == 1
        assert await pictures_of(ben) == {}
