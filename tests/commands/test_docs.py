"""`lightbox docs`: the pages as people read them, in a terminal and in a pipe."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lightbox
from lightbox.commands import docs
from lightbox.errors import BadInput

if TYPE_CHECKING:
    from .conftest import InTerminal

NAMES = {path.stem for path in (Path(lightbox.__file__).parent / "docs").glob("*.md")}


def shown(capsys: pytest.CaptureFixture[str], name: str | None) -> str:
    docs.show(name)
    return capsys.readouterr().out


def test_without_a_name_every_page_is_listed_with_a_sentence_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line.split("\t") for line in shown(capsys, None).splitlines()]

    assert {name for name, _ in rows} == NAMES
    assert all(about.endswith((".", "。")) and 20 < len(about) < 160 for _, about in rows)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_in_a_pipe_a_page_is_the_markdown_that_it_is_without_marks_and_with_whole_links(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text = shown(capsys, name)

    assert text.startswith("# ")
    assert "<!--" not in text
    assert [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith(("https://", "#"))] == []


def test_code_on_a_page_is_shown_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        code = re.findall(r"^```.*?^```$", docs.pages()[name].source, re.DOTALL | re.MULTILINE)
        text = shown(capsys, name)
        assert all(block in text for block in code)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("cots", "Did you mean costs?"),
        ("Setings", "Did you mean settings?"),
        ("deploy", "Did you mean deploying?"),
        ("xyz", "The pages are clients, tools,"),
    ],
)
def test_a_misspelt_name_gets_the_nearest(typed: str, answer: str) -> None:
    with pytest.raises(BadInput, match=re.escape(answer)):
        docs.show(typed)


def test_a_name_may_be_typed_as_the_file_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "Costs.md") == shown(capsys, "costs")


@pytest.mark.slow
def test_in_a_terminal_a_page_is_set_in_its_width_and_given_to_the_pager(in_terminal: InTerminal) -> None:
    for columns in (80, 200):
        session = in_terminal("docs", "costs", columns=columns, variables={"PAGER": "cat; echo paged"})
        lines = session.text.splitlines()
        assert session.code == 0
        assert lines[-1] == "paged"
        assert max(map(len, lines)) <= min(columns, docs.WIDEST)
        assert any("A cap that holds" in line and "#" not in line for line in lines)


@pytest.mark.slow
def test_in_a_terminal_the_list_says_how_to_read_a_page(in_terminal: InTerminal) -> None:
    session = in_terminal("docs")

    assert session.code == 0
    assert "`lightbox docs PAGE` shows one." in session.text
    assert all(name in session.text for name in NAMES)
