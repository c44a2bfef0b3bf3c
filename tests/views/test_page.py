"""The gallery's page as it is served: what it holds, and what it leaves out."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib import resources

import pytest

from lightbox.views.page import MOST_BYTES, Door, app_page, browser_page, modules, static_page

PAGES: dict[Door, Callable[[], str]] = {
    "app": app_page,
    "browser": browser_page,
    "page": lambda: static_page({"title": "A tour", "intro": "", "steps": []}),
}
DOORS: tuple[Door, ...] = ("app", "browser", "page")
SOURCES = resources.files("lightbox.views")
WORD = re.compile(r'^  (\w+): \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\],$', re.MULTILINE)
FILLED = re.compile(r"\{(\w+)\}")
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Read(HTMLParser):
    """What stands in a document: its elements with their attributes, and the text of its scripts and styles."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and data.strip():
            self.texts.append((self.elements[-1][0], data))

    def text(self, tag: str) -> str:
        return "\n".join(data for where, data in self.texts if where == tag)


def scripts(door: Door) -> Iterator[tuple[str, str]]:
    return ((name, SOURCES.joinpath(name).read_text("utf-8")) for name in modules(door))


def all_scripts() -> dict[str, str]:
    return {name: text for door in DOORS for name, text in scripts(door)}


@pytest.mark.parametrize("door", DOORS)
def test_a_page_is_small_enough_to_be_held_for_every_answer_of_a_chat(door: Door) -> None:
    assert len(PAGES[door]().encode()) <= MOST_BYTES


@pytest.mark.parametrize("door", DOORS)
def test_a_page_needs_nothing_but_itself(door: Door) -> None:
    document = PAGES[door]()
    page = Read(document)

    outside = [
        value for _, given in page.elements for name, value in given.items() if name in {"src", "href", "srcset"}
    ]
    assert outside == ["data:,"]  # the icon, so that no browser asks for one
    assert re.findall(r"https?://\w[\w.]+|@import|url\(|import\(", document) == []


@pytest.mark.parametrize("door", DOORS)
def test_nothing_on_a_page_is_forbidden_by_the_policy_of_a_host(door: Door) -> None:
    page = Read(PAGES[door]())
    script = page.text("script")

    assert [name for _, given in page.elements for name in given if name.startswith("on") or name == "style"] == []
    assert re.findall(r"\beval\b|new Function|blob:|window\.open|createObjectURL|javascript:", script) == []


def test_no_text_ever_becomes_markup() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|createContextual")

    assert {name: found for name, text in all_scripts().items() if (found := forbidden.findall(text))} == {}


@pytest.mark.parametrize("door", DOORS)
def test_modules_come_after_those_that_they_import(door: Door) -> None:
    order = modules(door)

    for name, text in scripts(door):
        imported = re.findall(r'from "\./([\w.]+)"', text)
        assert all(order.index(one) < order.index(name) for one in imported), name
    assert len(order) == len(set(order))


@pytest.mark.parametrize("door", DOORS)
def test_a_joined_script_has_neither_imports_nor_exports(door: Door) -> None:
    script = Read(PAGES[door]()).text("script")

    assert re.findall(r"^\s*(?:import|export)\b.*", script, re.MULTILINE) == []


def test_no_two_modules_give_the_same_name_to_something() -> None:
    """They share one scope once they are joined."""
    names = Counter(name for text in all_scripts().values() for name in TOP_LEVEL.findall(text))

    assert [name for name, number in names.items() if number > 1] == []


def test_every_module_is_part_of_some_page() -> None:
    there = {file.name for file in SOURCES.iterdir() if file.name.endswith(".js")}

    assert there == all_scripts().keys()


def test_what_is_imported_is_used_and_what_is_exported_is_imported() -> None:
    exported: dict[str, str] = {}
    imported: set[str] = set()
    for name, text in all_scripts().items():
        exported |= dict.fromkeys(
            re.findall(r"^export (?:async )?(?:const|let|function|class) (\w+)", text, re.MULTILINE), name
        )
        for names in re.findall(r"^import \{([^}]*)\} from", text, re.MULTILINE):
            for one in names.replace("\n", "").split(","):
                imported.add(one.strip())
                assert len(re.findall(rf"\b{one.strip()}\b", text)) > 1, f"{name} imports {one} for nothing"

    assert imported <= exported.keys()
    assert exported.keys() - imported == set()


def test_every_word_is_there_in_both_languages_with_the_same_places_to_fill() -> None:
    text = all_scripts()["words.js"]
    table = text[text.index("WORDS = {") : text.index("\n};")]
    words = WORD.findall(table)

    assert len(words) == len(table.splitlines()) - 1
    assert [name for name, english, chinese in words if not english or not chinese] == []
    assert [name for name, _, chinese in words if not CHINESE.search(FILLED.sub("", chinese))] == ["page_of"]
    assert [
        name for name, english, chinese in words if set(FILLED.findall(english)) != set(FILLED.findall(chinese))
    ] == []


def test_every_word_that_is_said_is_known_and_no_other_stands_in_the_table() -> None:
    text = all_scripts()
    known = {name for name, _, _ in WORD.findall(text["words.js"])}
    others = "\n".join(code for name, code in text.items() if name != "words.js")
    said = set(re.findall(r'\bt\("(\w+)"', "\n".join(text.values())))
    prefixed = {name for name in known if name.startswith(("state_", "period_")) or name.endswith("_origin")}
    named = {name for name in known if re.search(r"_image|_job|_spending|_cost", name)} | {"day", "hour", "month"}

    assert said <= known
    assert {name for name in known if f'"{name}"' not in others and name not in said} <= prefixed | named


def test_a_nonce_lets_the_page_run_where_only_it_may() -> None:
    page = Read(browser_page("n0nce"))

    held = [given.get("nonce") for tag, given in page.elements if tag in {"script", "style"}]
    assert held
    assert set(held) == {"n0nce"}


def test_pages_say_which_version_and_which_door_they_are() -> None:
    for door in DOORS:
        root = Read(PAGES[door]()).elements[0][1]
        assert root["data-door"] == door
        assert root["data-version"]


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028 & <b>", "</SCRIPT >", "${x} $door"]
)
def test_data_can_not_break_out_of_its_place(text: str) -> None:
    data = {"title": text, "intro": text, "steps": [{"title": text, "tool": "x", "arguments": {text: text}}]}
    plain, page = Read(static_page({"title": "x", "steps": []})), Read(static_page(data))

    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    held = next(text for tag, text in page.texts if tag == "script" and text.startswith("{"))
    assert json.loads(held) == data


def test_what_the_maker_of_a_page_adds_stands_in_it() -> None:
    document = static_page(
        {"title": "x"}, head='<meta name="m">', body="<footer>f</footer>", style="p { color: red }", script="let mine;"
    )

    for added in ('<meta name="m">', "<footer>f</footer>", "p { color: red }", "let mine;"):
        assert added in document


@pytest.mark.parametrize("door", DOORS)
def test_squeezing_leaves_texts_templates_and_regular_expressions_as_they_are(door: Door) -> None:
    script = Read(PAGES[door]()).text("script")
    kept = re.compile(r"""(?<=[ (=,:?\[{])("(?:[^"\\\n]|\\.)*"|`[^`]*`|/\^?(?:[^/\\\n *]|\\.)+/[gimsu]*)""")

    for name, text in scripts(door):
        code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("//", "import ")))
        literals = kept.findall(code)
        assert [one for one in literals if one not in script] == [], name
