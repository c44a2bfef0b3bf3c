"""`lightbox gallery` in a browser: one link, all own pictures, jobs and spending, and an edit that asks first."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from playwright.async_api import expect

from browser.looking import defects, shoot
from forking import warm_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Browser, Page
    from tests.conftest import Ask, Connect, MakeSettings

    from lightbox.settings import Settings

PATIENCE = 60
PAINTED = {"prompt": "a red fox in the snow", "size": "1024x1024", "quality": "low", "provider": "openai"}
DATA = "data:image/"
UNDERLINE = 2
ROOMS = {"pictures": "[data-testid=tile] img", "jobs": "[data-testid=job]", "spending": "[role=img]"}
"""What each room shows once it is filled."""


@contextmanager
def command(environment: dict[str, str]) -> Generator[str]:
    """Run the command; gives the link that it prints."""
    arguments = [*warm_start(), "gallery", "--no-open"]
    with subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


class Visitor:
    """A person's browser at their own gallery."""

    def __init__(self, page: Page, link: str) -> None:
        self.page = page
        self.link = link
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        page.on("request", lambda asked: self._see(asked.url))

    @property
    def origin(self) -> str:
        return self.link.partition("/?")[0]

    def _see(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"outside: {url}")


class Visit(Protocol):
    """Runs the gallery of settings, and opens its link in a browser of its own size, language and so on."""

    def __call__(self, settings: Settings, **options: Any) -> AbstractAsyncContextManager[Visitor]: ...


@pytest.fixture
def visit(browser: Browser, environment: Callable[[Settings], dict[str, str]]) -> Visit:
    @asynccontextmanager
    async def visit(settings: Settings, **options: Any) -> AsyncGenerator[Visitor]:
        with command(environment(settings)) as link:
            context = await browser.new_context(viewport={"width": 1000, "height": 800}, **options)
            async with context:
                visitor = Visitor(await context.new_page(), link)
                await visitor.page.goto(link)
                yield visitor
                assert visitor.complaints == []

    return visit


@pytest.fixture
async def own(settings: MakeSettings, connect: Connect, ask: Ask) -> Settings:
    """Settings of a person who has searched and painted."""
    made = settings(budget=("50 USD/day",), allow_unpriced=True, confirm_above="0.001 USD")
    async with connect(settings(allow_unpriced=True)) as client:
        await ask(client, "search_images", query="a red fox", count=4)
        await ask(client, "generate_image", **PAINTED)
    return made


async def test_own_pictures_jobs_and_spending_are_shown(own: Settings, visit: Visit) -> None:
    async with visit(own) as visitor:
        page = visitor.page
        assert "key=" not in page.url
        await expect(page.get_by_test_id("tile")).to_have_count(1)
        await expect(page.locator(f"[data-testid=tile] img[src^='{DATA}']")).to_have_count(1)
        await expect(page.get_by_test_id("tile")).to_contain_text(re.compile(r"1024 × 1024 · 0\.\d+ USD"))
        await expect(page.get_by_test_id("budget")).to_contain_text("left of 50")
        await shoot(page, "own-pictures-light")
        assert await defects(page.main_frame) == []

        await page.get_by_role("button", name="Jobs").click()
        await expect(page.get_by_test_id("job")).to_have_count(2)
        await expect(page.get_by_test_id("job").first).to_contain_text(
            re.compile(r"Estimate.*0\.0.*Bill.*0\.0", re.DOTALL)
        )
        await shoot(page, "own-jobs-light")
        assert await defects(page.main_frame) == []

        await page.get_by_role("button", name="Spending").click()
        await expect(page.get_by_test_id("spending")).to_contain_text(re.compile(r"By day.*By model", re.DOTALL))
        await expect(page.get_by_test_id("spending").get_by_role("img").first).to_be_visible()
        await shoot(page, "own-spending-light")
        assert await defects(page.main_frame) == []


async def test_an_edit_with_the_brush_asks_before_it_costs(own: Settings, visit: Visit) -> None:
    async with visit(own) as visitor:
        page = visitor.page
        await page.get_by_test_id("tile").first.get_by_role("button").click()
        await page.locator("[data-action=edit]").click()
        await page.get_by_test_id("edit-words").fill("a red hat")
        await page.locator("[data-action=brush]").click()
        for key in (" ", "ArrowRight", "ArrowRight", " "):
            await page.get_by_test_id("brush").press(key)
        pay = page.locator("button[data-action=edit_image]")
        await expect(pay).to_be_enabled()
        await pay.click()
        question = page.get_by_role("dialog")
        await expect(question).to_contain_text("may cost up to")
        await shoot(page, "own-consent-light")
        assert await defects(page.main_frame) == []
        await question.locator("[data-action=decline]").click()
        await expect(page.get_by_text("declined")).to_be_visible()

        await expect(pay).to_be_enabled()
        await pay.click()
        await page.get_by_role("dialog").locator("[data-action=accept]").click()
        await expect(page.get_by_role("heading", name="a red hat")).to_be_visible()
        await page.get_by_role("button", name="Pictures").click()
        await expect(page.get_by_test_id("tile")).to_have_count(2)


async def test_a_picture_is_downloaded_by_the_browser(own: Settings, visit: Visit) -> None:
    async with visit(own) as visitor:
        page = visitor.page
        await page.get_by_test_id("tile").first.get_by_role("button").click()
        async with page.expect_download() as coming:
            await page.locator("[data-action=download]").click()
        download = await coming.value

        assert download.suggested_filename == "a-red-fox-in-the-snow.png"
        assert (await download.path()).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("look", "options"),
    [("dark", {"color_scheme": "dark"}), ("chinese", {"locale": "zh-CN"})],
)
async def test_the_browsers_own_colours_and_language_are_followed(
    own: Settings, visit: Visit, look: str, options: dict[str, Any]
) -> None:
    async with visit(own, **options) as visitor:
        page = visitor.page
        await expect(page.get_by_test_id("tile")).to_have_count(1)
        for room, content in ROOMS.items():
            await page.locator(f"[data-room={room}]").click()
            await expect(page.locator(content).first).to_be_visible()
            await shoot(page, f"own-{room}-{look}")
            assert await defects(page.main_frame) == []


async def test_on_a_phone_nothing_is_cut_off(own: Settings, visit: Visit) -> None:
    async with visit(own, has_touch=True) as visitor:
        page = visitor.page
        await page.set_viewport_size({"width": 320, "height": 640})
        await expect(page.get_by_test_id("budget")).to_be_visible()
        tabs, budget = [await page.locator(part).bounding_box() for part in ("header nav", "[data-testid=budget]")]
        assert tabs is not None
        assert budget is not None
        assert tabs["y"] + tabs["height"] + UNDERLINE <= budget["y"], "the mark of the room lies on the budget"
        for room, content in ROOMS.items():
            await page.locator(f"[data-room={room}]").click()
            await expect(page.locator(content).first).to_be_visible()
            await shoot(page, f"own-{room}-phone")
            assert await defects(page.main_frame) == []


async def test_a_gallery_that_has_ended_says_so_and_keeps_what_is_shown(
    own: Settings, browser: Browser, environment: Callable[[Settings], dict[str, str]]
) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        with command(environment(own)) as link:
            await page.goto(link)
            await expect(page.get_by_test_id("tile")).to_have_count(1)
        await page.get_by_role("button", name="Spending").click()

        await expect(page.get_by_test_id("lost")).to_be_visible()
