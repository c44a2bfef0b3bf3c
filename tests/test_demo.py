"""The demo, run as a user would: what it says, the pictures that it leaves, and its page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from demonstration import Demonstration, demonstrated
from lightbox.demo.tour import run
from lightbox.errors import StorageFailed

if TYPE_CHECKING:
    from tests.conftest import Show

TOOLS = (
    "search_images",
    "find_similar_images",
    "view_images",
    "save_images",
    "generate_image",
    "edit_image",
    "transform_image",
    "describe_images",
    "estimate_cost",
    "list_images",
    "get_job",
    "get_spending",
)

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What a browser would fetch for a page, and what the page was given to show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self._holds_data = False
        self._data = ""
        self.feed(text)
        self.steps: list[dict[str, Any]] = json.loads(self._data)["steps"]
        self.pictures = [card for step in self.steps for card in step["gallery"]["pictures"]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "src" or (name == "href" and tag == "link"):
                self.fetched.append(value or "")
        self._holds_data = ("id", "lightbox-data") in attrs

    def handle_data(self, data: str) -> None:
        if self._holds_data:
            self._data += data

    def handle_endtag(self, tag: str) -> None:
        self._holds_data = self._holds_data and tag != "script"


def page_of(demo: Demonstration) -> Page:
    return Page((demo.folder / "index.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return demonstrated(tmp_path_factory)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_every_tool_is_called_and_none_fails(demo: Demonstration) -> None:
    called = re.findall(r"^ *\d+  (\w+)  ", demo.said, re.MULTILINE)
    came = re.findall(r"^    (->|x) ", demo.said, re.MULTILINE)
    assert demo.code == 0, demo.said
    assert [tool for tool in TOOLS if tool not in called] == []
    assert came == ["->"] * len(called), demo.said


def test_a_terminal_without_our_letters_is_shown_others(demo: Demonstration) -> None:
    assert demo.said.isascii()
    assert "Traceback" not in demo.said
    assert "-> " in demo.said


def test_the_time_it_takes_is_told(demo: Demonstration, show: Show) -> None:
    show(f"The demo takes {demo.seconds:.1f} s (wanted: under 20 s)")


def test_it_leaves_what_was_made_cut_and_kept(demo: Demonstration) -> None:
    out = demo.folder
    sizes = [size_of(path) for path in (out / "pictures").glob("*img_*")]
    kept = [path.name for path in (out / "pictures" / "boats").iterdir()]
    assert {(1920, 1080), (800, 800)} <= set(sizes)
    assert len(sizes) == 4  # as the model made it, as it was asked for, edited, and cut to a square
    assert "collection.json" in kept
    assert len(kept) == 4
    assert max(size_of(next(out.glob("sheet.*")))) > 600


def test_a_budget_refuses_a_call_and_the_page_says_so(demo: Demonstration) -> None:
    [refused] = [step for step in page_of(demo).steps if step["refused"]]
    assert "The budget of 0.01 USD/day has no room" in refused["text"]


def test_the_page_needs_nothing_beside_it(demo: Demonstration) -> None:
    page = page_of(demo)
    assert [source for source in page.fetched if not source.startswith("data:")] == []
    assert len(page.pictures) > 20
    assert all(card["thumbnail"].startswith("data:image/") for card in page.pictures)


def test_the_page_links_to_full_pictures_that_are_there(demo: Demonstration) -> None:
    links = [card["link"] for card in page_of(demo).pictures if card["link"]]
    assert [link for link in links if not (demo.folder / link).is_file()] == []
    assert len(links) > 20


def test_the_page_tells_for_every_tool_what_was_asked_and_what_came(demo: Demonstration) -> None:
    told = {step["tool"]: step for step in reversed(page_of(demo).steps) if not step["refused"]}
    assert set(told) >= set(TOOLS)
    assert all(step["why"] and step["text"] for step in told.values())
    assert len(told["search_images"]["gallery"]["pictures"]) == 9
    assert told["edit_image"]["compare"]
    assert told["estimate_cost"]["tables"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    with pytest.raises(StorageFailed, match=f"{taken} can't be used for the demo"):
        run(taken)
