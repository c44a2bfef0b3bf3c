"""The page that `lightbox demo` leaves: the gallery without a server, read from its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from browser.looking import defects, shoot
from demonstration import demonstrated

if TYPE_CHECKING:
    from playwright.async_api import Browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}},
    "chinese": {"viewport": {"width": 1200, "height": 900}, "locale": "zh-CN"},
}


@pytest.mark.slow
async def test_the_demos_page_is_read_from_its_file_by_everybody(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    [file] = demonstrated(tmp_path_factory).folder.rglob("*.html")
    found: dict[str, list[str]] = {}
    for look, options in LOOKS.items():
        async with await browser.new_context(**options) as context:
            page = await context.new_page()
            complaints: list[str] = []
            page.on("pageerror", lambda error, told=complaints: told.append(str(error)))
            page.on(
                "request",
                lambda asked, told=complaints: (
                    told.append(asked.url) if "://" in asked.url and not asked.url.startswith("file:") else None
                ),
            )
            await page.goto(file.as_uri())
            await expect(page.get_by_test_id("step").first).to_be_visible()
            await expect(page.locator("[data-testid=step] img").first).to_be_visible()
            await shoot(page, f"demo-{look}")
            found[look] = await defects(page.main_frame) + complaints

    assert {look: each for look, each in found.items() if each} == {}
