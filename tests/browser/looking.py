"""What is looked at in every state of the page: accessibility, the size of what is touched, and nothing cut off."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Frame, Page

from browser.installed import ROOT, npm_package

SCREENSHOTS = ROOT / ".screenshots"
TOUCHED = 44
"""The least width and height in px of what a finger is to meet."""

SMALL_TARGETS = """
least => {
  const shown = node => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const controls = [...document.querySelectorAll("button, select, textarea, summary, input")].filter(shown);
  return controls.flatMap(control => {
    const { width, height } = (control.closest("label") ?? control).getBoundingClientRect();
    const small = width < least - 0.5 || height < least - 0.5;
    return small ? [`${control.outerHTML.slice(0, 120)}: ${Math.round(width)} x ${Math.round(height)}`] : [];
  });
}
"""

WIDER_THAN_THE_PAGE = """
() => {
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth > width;
  const reaches = node => node.getBoundingClientRect().right > width + 1;
  const found = [...document.body.querySelectorAll("*")].filter(reaches).map(node => node.outerHTML.slice(0, 120));
  return wide ? [`${document.documentElement.scrollWidth} px wide`, ...found.slice(0, 3)] : [];
}
"""

BROKEN_WORDS = """
() => [...document.querySelectorAll("button span, label span")].flatMap(node => {
  if (!/^[\\w-]{2,}$/.test(node.textContent) || !node.checkVisibility()) return [];
  const range = document.createRange();
  range.selectNodeContents(node);
  return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1 ? [node.textContent] : [];
})
"""
"""Words of buttons and fields that go on in the next line."""


async def defects(frame: Frame) -> list[str]:
    """Give what is wrong with what is shown, a line each."""
    violations = await _violations(frame)
    small = await frame.evaluate(SMALL_TARGETS, TOUCHED)
    wide = await frame.evaluate(WIDER_THAN_THE_PAGE)
    broken = await frame.evaluate(BROKEN_WORDS)
    told = {"small": small, "cut off": wide, "broken": broken}
    return violations + [f"{what}: {each}" for what, found in told.items() for each in found]


async def shoot(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page, where SCREENSHOTS is set; its name says what it shows."""
    if not os.environ.get("SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")


async def _violations(frame: Frame) -> list[str]:
    if not await frame.evaluate("'axe' in window"):
        await frame.evaluate(_axe())
    found: dict[str, Any] = await frame.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"axe: {each['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@cache
def _axe() -> str:
    return Path(npm_package("axe-core"), "axe.min.js").read_text("utf-8")
