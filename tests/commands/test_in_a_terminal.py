"""The command in a real terminal: what a person sees at 80 columns and narrow, is asked, and is shown as pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from lightbox.cli import WAITING

if TYPE_CHECKING:
    from tests.conftest import Upstream

    from .conftest import InTerminal

KITTY = b"\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.42.1)\x1b\\\x1b[6;18;9t\x1b[?62;52;c"
ITERM = b"\x1bP>|iTerm2 3.6.4\x1b\\\x1b[6;17;8t\x1b[?64;1;2;4;6;17;18;21;22;52c"
SIXEL = b"\x1bP>|XTerm(401)\x1b\\\x1b[6;13;6t\x1b[?64;1;2;4;6;9;15;18;21;22c"
NEITHER = b"\x1bP>|VTE(7800)\x1b\\\x1b[6;16;8t\x1b[?61;1;21;22c"
PRICED = {"LIGHTBOX_CONFIRM_ABOVE": "0.001 USD"}

pytestmark = pytest.mark.slow


@pytest.fixture
def fox(in_terminal: InTerminal) -> str:
    Image.new("RGB", (320, 160), "teal").save(in_terminal.folder / "fox.png")
    return "fox.png"


@pytest.mark.parametrize(
    ("answer", "drawn"),
    [
        (KITTY, b"\x1b_Ga=T,f=100,q=2,C=1,c=36,r=9,"),
        (ITERM, b"\x1b]1337;File=inline=1;size="),
        (SIXEL, b'\x1bP0;1;0q"1;1;320;160#'),
    ],
)
def test_a_terminal_that_shows_pictures_is_sent_them_in_its_own_way(
    in_terminal: InTerminal, fox: str, answer: bytes, drawn: bytes
) -> None:
    session = in_terminal("show", fox, answer=answer)

    assert session.code == 0
    assert session.drawn[0].startswith(drawn)
    assert "320x160 px  png" in session.text


def test_a_terminal_that_shows_none_is_sent_none(in_terminal: InTerminal, fox: str) -> None:
    for answer in (NEITHER, b""):  # the one answers, the other is silent
        session = in_terminal("show", fox, answer=answer)
        assert (session.code, session.drawn) == (0, [])
        assert "320x160 px  png" in session.text


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [(("--no-pictures",), {}), (("--pictures", "off"), {}), ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})],
)
def test_who_wants_no_pictures_is_not_even_asked(
    in_terminal: InTerminal, fox: str, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    session = in_terminal("show", fox, *arguments, answer=KITTY, variables=variables)

    assert session.code == 0
    assert session.drawn == []
    assert b"\x1b[c" not in session.written


def test_a_protocol_may_be_named(in_terminal: InTerminal, fox: str) -> None:
    session = in_terminal("show", fox, "--pictures", "sixel", answer=NEITHER, variables={"NO_COLOR": "1"})

    assert session.drawn[0].startswith(b"\x1bP0;1;0q")


def test_a_found_list_is_a_table_with_its_contact_sheet_below(in_terminal: InTerminal) -> None:
    session = in_terminal("find", "red fox", "-n", "3", answer=KITTY)

    assert session.code == 0, session.text
    rows = re.findall(r"^ *(\d)  (img_\w{10})  (\d+x\d+|\?) +(\S.*)$", session.text, re.MULTILINE)
    assert [row[0] for row in rows] == ["1", "2", "3"], session.text
    assert rows[0][3].startswith("Red fox in the snow at dusk")
    assert b"c=80," in session.drawn[0]
    assert session.written.rindex(rows[2][1].encode()) < session.written.index(session.drawn[0])


def test_a_narrow_terminal_gets_two_lines_for_each_hit(in_terminal: InTerminal) -> None:
    session = in_terminal("find", "red fox", "-n", "2", "--no-check", columns=40)

    assert session.code == 0, session.text
    assert re.search(r"^1 img_\w{10} \S+\r?\nRed fox", session.text, re.MULTILINE)


def test_the_unfinished_picture_is_shown_and_replaced_by_the_finished_one(in_terminal: InTerminal) -> None:
    session = in_terminal(
        "make", "a fox", "--size", "1024x640", "--model", "sandbox-fault/gap=0.3@gpt-image-2", answer=KITTY
    )

    assert session.code == 0, session.text
    begun = [piece for piece in session.drawn if b"a=T" in piece]
    assert len(begun) == 2
    between = session.written.split(begun[0])[1].split(begun[1])[0]
    [rows] = re.findall(rb",r=(\d+),", begun[0])
    back = b"\x1b[%sA" % rows  # the second one makes room for itself, too
    assert between.count(back) == 2, "the cursor goes back to where the first one began"


def test_the_price_is_told_and_asked_for(in_terminal: InTerminal, upstream: Upstream) -> None:
    make = ("make", "a fox", "--quality", "low", "-o", "fox.png")

    declined = in_terminal(*make, said={"[y/N] ": "\n"}, variables=PRICED)
    assert (declined.code, upstream.paid) == (3, 0)
    assert "price: " in declined.text
    assert "more than 0.001 USD. Make the call? [y/N]" in " ".join(declined.text.split())
    assert "lightbox: You did not agree to the price. Nothing was sent." in declined.text

    agreed = in_terminal(*make, said={"[y/N] ": "y\n"}, variables=PRICED)
    assert (agreed.code, upstream.paid) == (0, 1), agreed.text
    assert (in_terminal.folder / "fox.png").is_file()

    beforehand = in_terminal(*make, "--force", "--yes", variables=PRICED)
    assert (beforehand.code, upstream.paid) == (0, 2)
    assert "[y/N]" not in beforehand.text


def test_ctrl_c_at_the_question_sends_nothing(in_terminal: InTerminal, upstream: Upstream) -> None:
    session = in_terminal("make", "a fox", said={"[y/N] ": "\x03"}, variables=PRICED)

    assert (session.code, upstream.paid) == (130, 0)
    assert "Traceback" not in session.text


def test_ctrl_c_says_how_to_go_on_and_the_same_command_takes_what_was_paid_for(
    in_terminal: InTerminal, upstream: Upstream
) -> None:
    make = ("make", "a fox", "-o", "fox.png", "--model", "sandbox-fault/delay=3@gpt-image-2")

    session = in_terminal(*make, said={"sent to openai as job_": "\x03"})
    assert session.code == 130, session.text
    assert "Interrupted. The job is not cancelled" in session.text
    assert "type the same command again, or" in session.text
    assert re.search(r"^ +lightbox call get_job job_id=job_\w+", session.text, re.MULTILINE)

    again = in_terminal(*make)
    assert again.code == 0, again.text
    assert (in_terminal.folder / "fox.png").is_file()
    assert upstream.paid == 1


def test_bytes_of_a_picture_are_not_written_to_a_terminal(in_terminal: InTerminal, upstream: Upstream) -> None:
    session = in_terminal("make", "a fox", "-o", "-")

    assert (session.code, upstream.paid) == (1, 0)
    assert "this is a terminal: write `-o - > fox.png`" in session.text


def test_nobody_has_to_type_a_picture(in_terminal: InTerminal) -> None:
    session = in_terminal("show", "-")

    assert session.code == 1
    assert "standard input, which is this terminal" in session.text


def test_the_server_says_what_it_waits_for_and_ends_by_ctrl_c(in_terminal: InTerminal) -> None:
    session = in_terminal(said={"Ctrl-C ends it.": "\x03"})

    assert session.text.replace("^C", "").strip() == WAITING
    assert session.code in (0, 130)


def test_help_fits_a_narrow_terminal(in_terminal: InTerminal) -> None:
    for arguments in (("--help",), ("make", "--help"), ("call", "view_images", "--help"), ("tools",)):
        session = in_terminal(*arguments, columns=50)
        assert all(len(line) <= 50 for line in session.text.splitlines()), session.text


def test_colours_are_left_out_where_they_are_not_wanted(in_terminal: InTerminal) -> None:
    plain = in_terminal("tools", variables={"NO_COLOR": "1"})
    coloured = in_terminal("tools")

    assert b"\x1b[36m" in coloured.written
    assert b"\x1b[36m" not in plain.written
    assert plain.text == coloured.text


def test_a_path_is_never_broken_over_lines(in_terminal: InTerminal, fox: str) -> None:
    session = in_terminal("show", fox, columns=30)

    path = str(Path(in_terminal.folder) / fox)
    assert path in session.text
