"""The commands for pictures where there is no terminal: in scripts and pipes."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from forking import warm_start
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from tests.conftest import Upstream

    from .conftest import Typed

pytestmark = pytest.mark.slow

STATES = {"ok", "unchecked"}
"""What hits may be; on a busy machine, some are not looked at in time."""
BYTES = (b"\x89PNG", b"\xff\xd8\xff")


def painted(path: Path) -> Path:
    Image.new("RGB", (96, 64), "teal").save(path)
    return path


def test_what_is_found_is_a_line_each_and_nothing_else_is_on_stdout(typed: Typed) -> None:
    done = typed("find", "red", "fox", "-n", "3")

    assert done.code == 0, done.err
    rows = [line.split("\t") for line in done.text.splitlines()]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert all(row[1].startswith("img_") and row[3] in STATES and row[5].startswith("http") for row in rows)
    assert "cost: " in done.err


def test_a_list_as_json_is_the_tools_structured_content(typed: Typed) -> None:
    done = typed("find", "a lake", "--count", "2", "--no-check", "--json")

    listed = json.loads(done.out)
    assert [hit["state"] for hit in listed["hits"]] == ["unchecked"] * 2
    assert listed["cost"]["basis"]


def test_a_made_picture_is_put_where_it_is_wanted_in_the_format_of_its_name(typed: Typed) -> None:
    done = typed("make", "a red fox", "-o", "fox.jpg", "--size", "1024x640", "--quality", "low")

    assert done.code == 0, done.err
    assert done.text == "fox.jpg\n"
    with Image.open(typed.folder / "fox.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (1024, 640))


def test_without_a_place_stdout_says_where_the_picture_is_saved(typed: Typed) -> None:
    done = typed("make", "a red fox", "--quality", "low")

    [path] = done.text.splitlines()
    assert Path(path).parent == typed.settings.image_dir
    assert Path(path).read_bytes().startswith(BYTES)


def test_a_picture_as_json_is_one_plain_object(typed: Typed) -> None:
    done = typed("make", "a red fox", "-o", "fox.webp", "--quality", "low", "--json")

    told = json.loads(done.out)
    [picture] = told["pictures"]
    assert (picture["output"], picture["type"], picture["size"]) == ("fox.webp", "image/webp", "1024x1024")
    assert picture["handle"].startswith("img_")
    assert picture["bytes"] == (typed.folder / "fox.webp").stat().st_size == Path(picture["path"]).stat().st_size
    assert told["cost"].endswith(" USD")
    assert told["job_id"].startswith("job_")


def test_several_pictures_are_numbered(typed: Typed) -> None:
    done = typed("make", "two foxes", "-n", "2", "-o", "fox.png", "--quality", "low")

    assert done.text == "fox-1.png\nfox-2.png\n"
    assert {path.name for path in typed.folder.iterdir()} == {"fox-1.png", "fox-2.png"}


def test_in_a_folder_pictures_keep_their_names(typed: Typed) -> None:
    (typed.folder / "out").mkdir()

    done = typed("make", "a red fox", "-o", "out", "--quality", "low")

    [path] = done.text.splitlines()
    assert Path(path).parent == Path("out")
    assert (typed.folder / path).read_bytes() == (typed.settings.image_dir / Path(path).name).read_bytes()


def test_a_file_that_is_there_is_kept_and_nothing_is_paid_for(typed: Typed, upstream: Upstream) -> None:
    for name in ("fox.png", "two-2.png"):
        (typed.folder / name).write_text("mine")

    one, two = typed("make", "a fox", "-o", "fox.png"), typed("make", "foxes", "-n", "2", "-o", "two.png")
    assert (one.code, two.code, upstream.paid) == (1, 1, 0)
    assert one.err == "lightbox: fox.png is there already: --force replaces it. Nothing was sent.\n"
    assert "two-2.png is there already" in two.err
    assert (typed.folder / "fox.png").read_text() == "mine"

    forced = typed("make", "a fox", "-o", "fox.png", "--force", "--quality", "low")
    assert forced.code == 0, forced.err
    assert (typed.folder / "fox.png").read_bytes().startswith(BYTES)


@pytest.mark.parametrize("output", ["missing/fox.png", "missing/", "a-file/fox.png"])
def test_a_folder_that_can_not_take_the_picture_is_told_before_it_is_paid_for(
    typed: Typed, upstream: Upstream, output: str
) -> None:
    (typed.folder / "a-file").touch()

    done = typed("make", "a fox", "-o", output)

    assert (done.code, upstream.paid) == (1, 0)
    assert f"-o {output}: there is no folder" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_picture_that_can_not_be_put_there_after_all_is_kept_and_its_place_told(typed: Typed) -> None:
    done = typed("make", "a fox", "--quality", "low", "-o", "/dev/full")

    assert (done.code, done.out) == (1, b"")
    [kept] = typed.settings.image_dir.iterdir()
    told = done.err.splitlines()[-1]
    assert told == (f"lightbox: /dev/full can't be written (No space left on device). The picture is kept: {kept}.")
    assert not Path("/dev/full").is_file(), "a device is written to, never replaced"


def test_pictures_come_from_standard_input_and_go_to_standard_output(typed: Typed) -> None:
    fox = painted(typed.folder / "fox.png").read_bytes()

    edited = typed("edit", "-", "make it blue", "-o", "-", "--quality", "low", given=fox)

    assert edited.code == 0, edited.err
    with Image.open(BytesIO(edited.out)) as picture:
        assert picture.format == "PNG"
    described = typed("describe", "-", "--question", "Which colour?", given=edited.out)
    assert described.code == 0, described.err
    assert "untrusted" not in described.text
    assert "px PNG" in described.text


@pytest.mark.parametrize(
    ("given", "told"), [(b"", "Standard input was empty"), (b"hello", "no picture"), (b"\0" * 20_000_001, "more than")]
)
def test_standard_input_that_is_no_picture_is_told(typed: Typed, upstream: Upstream, given: bytes, told: str) -> None:
    done = typed("edit", "-", "make it blue", given=given)

    assert (done.code, upstream.paid, done.out) == (1, 0, b"")
    assert told in done.err


def test_a_file_that_a_person_names_is_read_wherever_it_is(typed: Typed, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    painted(elsewhere / "fox.png")
    painted(elsewhere / "other.png")

    named = typed("show", str(elsewhere / "fox.png"), "--json")
    assistants = typed("call", "view_images", f"images={elsewhere / 'other.png'}")

    [picture] = json.loads(named.out)["pictures"]
    assert (picture["size"], picture["path"]) == ("96x64", str(elsewhere / "fox.png"))
    assert "outside the folders" in assistants.err


def test_pictures_that_can_not_be_shown_are_named(typed: Typed) -> None:
    painted(typed.folder / "fox.png")

    some, none = typed("show", "fox.png", "gone.png"), typed("show", "gone.png")

    assert some.code == 0
    assert some.text.startswith("1\timg_")
    assert "gone.png does not exist" in some.err
    assert none.code == 1
    assert none.err.splitlines()[-1].startswith("lightbox: view_images: gone.png does not exist")


def test_a_dry_run_tells_the_price_and_sends_nothing(typed: Typed, upstream: Upstream) -> None:
    words = typed("make", "a fox", "--quality", "high", "--dry-run", "-o", "missing/fox.png")
    form = typed("make", "a fox", "--quality", "high", "--dry-run", "--json")

    assert words.code == 0, words.err
    assert "USD expected" in words.text
    assert json.loads(form.out)["calls"][0]["tool"] == "generate_image"
    assert upstream.paid == 0


def test_a_price_that_nobody_confirmed_ends_with_3_and_yes_confirms_it(typed: Typed, upstream: Upstream) -> None:
    asked = {"LIGHTBOX_CONFIRM_ABOVE": "0.001 USD"}

    refused = typed("make", "a fox", "--quality", "low", variables=asked)
    assert (refused.code, refused.out, upstream.paid) == (3, b"", 0)
    assert "Or agree to the price beforehand with --yes." in refused.err

    called = typed("call", "generate_image", "prompt=a fox", "quality=low", variables=asked)
    assert (called.code, upstream.paid) == (3, 0)

    agreed = typed("make", "a fox", "--quality", "low", "--yes", variables=asked)
    assert agreed.code == 0, agreed.err
    assert upstream.paid == 1


def test_a_budget_without_room_ends_with_3(typed: Typed, upstream: Upstream) -> None:
    done = typed("make", "a fox", "--quality", "high", "--yes", variables={"LIGHTBOX_BUDGET": "0.001 USD/day"})

    assert (done.code, done.out, upstream.paid) == (3, b"", 0)
    assert "0.001 USD" in done.err
    assert "--yes" not in done.err


def test_what_the_server_finds_wrong_is_told_in_its_words(typed: Typed) -> None:
    done = typed("make", "a fox", "--size", "large")

    assert (done.code, done.out) == (1, b"")
    assert done.err.startswith("lightbox: generate_image: size 'large' is not valid: write WIDTHxHEIGHT")


def test_any_size_is_made_and_the_place_gets_the_exact_one_alone(typed: Typed) -> None:
    done = typed("make", "a red fox", "--size", "1920x1080", "--quality", "low", "-o", "fox.png")

    assert (done.code, done.text) == (0, "fox.png\n"), done.err
    with Image.open(typed.folder / "fox.png") as picture:
        assert picture.size == (1920, 1080)
    assert [path.name for path in typed.folder.iterdir()] == ["fox.png"]
    assert len(list(typed.settings.image_dir.iterdir())) == 2, "what came from the service is kept, too"
    assert "size: asked for" in done.err


def test_an_edit_may_be_bound_to_an_area(typed: Typed) -> None:
    painted(typed.folder / "fox.png")

    done = typed("edit", "fox.png", "make it blue", "--area", "left half", "--quality", "low", "-o", "blue.png")
    wrong = typed("edit", "fox.png", "make it blue", "--area", "somewhere")

    assert done.code == 0, done.err
    assert "0,0,48,64" in done.err
    assert (typed.folder / "blue.png").is_file()
    assert wrong.code == 1
    assert "somewhere" in wrong.err


def test_pictures_are_cut_to_measure_for_nothing(typed: Typed, upstream: Upstream) -> None:
    painted(typed.folder / "one.png")
    painted(typed.folder / "two.png")

    cut = typed("transform", "one.png", "two.png", "--crop", "square", "--size", "32x32", "-o", "cut.jpg")
    turned = typed("transform", "-", "--rotate", "90", "-o", "-", given=(typed.folder / "one.png").read_bytes())
    outside = typed("transform", "one.png", "--crop", "500,500,10,10")

    assert (cut.code, cut.text, upstream.paid) == (0, "cut-1.jpg\ncut-2.jpg\n", 0), cut.err
    with Image.open(typed.folder / "cut-2.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (32, 32))
    with Image.open(BytesIO(turned.out)) as picture:
        assert picture.size == (64, 96)
    assert outside.code == 1
    assert outside.err.splitlines()[-1].startswith("lightbox: transform_image: ")


def test_what_is_saved_is_listed_and_what_is_listed_can_be_found_by_words(typed: Typed, upstream: Upstream) -> None:
    typed("make", "a red fox", "--quality", "low")
    typed("make", "a lake", "--quality", "low")
    upstream.forget()

    listed = typed("list")
    [fox] = typed("list", "fox", "--origin", "made", "-n", "5").text.splitlines()
    handle, path = fox.split("\t")[1], fox.split("\t")[5]
    saved = typed("save", handle, "--to", "slides", "--name", "opening")
    outside = typed("save", handle, "--to", "../slides")

    assert len(listed.text.splitlines()) == 2
    assert Path(path).is_file()
    [kept] = saved.text.splitlines()
    assert Path(kept) == typed.settings.image_dir / "slides" / "opening.png"
    assert "slides" in json.loads(typed("list", "fox", "--json").out)["hits"][0]["collections"]
    assert (outside.code, outside.out) == (1, b"")
    assert "../slides" in outside.err
    assert upstream.paid == 0


def test_hits_of_one_shape_alone_may_be_wanted(typed: Typed) -> None:
    done = typed("find", "red fox", "-n", "4", "--shape", "portrait", "--min-side", "100", "--json")

    assert done.code == 0, done.err
    hits = json.loads(done.out)["hits"]
    assert all(hit["height"] > hit["width"] for hit in hits if hit["state"] == "ok")


def test_a_terminal_without_our_letters_is_shown_others(typed: Typed) -> None:
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = typed("find", "red fox", "-n", "1", variables=plain)

    assert done.code == 0, done.err
    assert b"Red fox in the snow at dusk * ?????????" in done.out


def test_a_reader_that_goes_away_is_no_crash(typed: Typed) -> None:
    for command in ("find fox -n 3", "tools --json", "tools", "call search_images --help"):
        done = _piped(typed, f"{shlex.join(warm_start())} {command} | true")
        assert done.stdout.strip() == "141", command
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_behind_standard_output_is_told(typed: Typed) -> None:
    for command in ("find fox -n 2", "make fox --quality low -o -", "tools --json"):
        done = _piped(typed, f"{shlex.join(warm_start())} {command} > /dev/full")
        assert done.stdout.strip() == "1", done.stderr
        assert done.stderr.splitlines()[-1].startswith("lightbox: standard output can't be written (No space left")


def _piped(typed: Typed, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"{line}; echo ${{PIPESTATUS[0]}}"],  # noqa: S607 - wherever it is
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env=typed.environment,
        cwd=typed.folder,
    )


def test_what_came_is_opened_with_the_persons_browser(typed: Typed) -> None:
    browser, opened = typed.folder / "browser", typed.folder / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    painted(typed.folder / "fox.png")

    for arguments in (("find", "fox", "-n", "3"), ("make", "a fox", "--quality", "low"), ("show", "fox.png")):
        done = typed(*arguments, "--open", variables={"BROWSER": str(browser)})
        assert done.code == 0, done.err

    addresses = opened.read_text().splitlines()
    sheet, made, shown = (Path(address.removeprefix("file://")) for address in addresses)
    assert typed.settings.state_dir in sheet.parents
    assert made.parent == typed.settings.image_dir
    assert shown == typed.folder / "fox.png"
    for path in (sheet, made, shown):
        with Image.open(path) as picture:
            picture.load()


def test_where_nothing_can_open_it_the_address_is_told(typed: Typed) -> None:
    done = typed("make", "a fox", "--quality", "low", "-o", "fox.png", "--open", variables={"BROWSER": "/bin/false"})

    assert done.code == 1
    assert done.text == "fox.png\n"
    assert "fox.png: set BROWSER" in done.err


def test_the_tools_are_a_line_each_and_each_explains_its_arguments(typed: Typed) -> None:
    listed = typed("tools")

    names = [line.split("\t")[0] for line in listed.text.splitlines()]
    assert names == [tool.name for tool in TOOLS]
    help_text = typed("call", "search_images", "--help").text
    assert "usage: lightbox call search_images query=… [key=value]..." in help_text
    assert "count  a whole number from 1 to 100  (default: 10)" in help_text
    assert "  (required)" in help_text
    assert "prompt" in typed("call", "generate_image", "-h").text


def test_names_that_are_nearly_right_are_asked_back(typed: Typed) -> None:
    assert "Did you mean generate_image?" in typed("call", "generate_imag", "prompt=a").err
    assert "Did you mean generate_image?" in typed("call", "generate_imag", "--help").err
    assert "Did you mean prompt?" in typed("call", "generate_image", "promt=a").err


@pytest.mark.parametrize(
    ("shell", "variables"),
    [
        ("bash", {"COMP_WORDS": "lightbox tran", "COMP_CWORD": "1"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "lightbox tran"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "lightbox tran", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_shells_complete_commands(typed: Typed, shell: str, variables: dict[str, str]) -> None:
    done = typed(variables={"_LIGHTBOX_COMPLETE": f"complete_{shell}", **variables})

    assert done.code == 0, done.err
    assert "transform" in done.text
    assert "find" not in done.text


def test_bash_completes_handles_clients_and_tools(typed: Typed) -> None:
    handle = typed("find", "fox", "-n", "1").text.split("\t")[1]

    def completed(line: str) -> list[str]:
        words = line.split()
        asked = {"_LIGHTBOX_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
        return typed(variables=asked).text.split()

    assert completed(f"lightbox show {handle[:8]}") == [handle]
    assert completed("lightbox config claude-d") == ["claude-desktop"]
    assert completed("lightbox call search") == ["search_images"]
    assert completed("lightbox make fox --size 192") == ["1920x1080"]


def test_the_script_for_a_shell_is_shown(typed: Typed) -> None:
    script = _piped(typed, f"bash -c '{sys.executable} -m lightbox --show-completion; true'").stdout

    assert "_LIGHTBOX_COMPLETE=complete_bash" in script
