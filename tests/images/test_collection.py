"""A collection: names that every system takes, files that are never overwritten, and what is told beside them."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lightbox.errors import BadInput, StorageFailed
from lightbox.images.collection import BOOK, Entry, collection_name, file_stem, safe_stem, save


def entry(number: int, name: str = "fox.png") -> Entry:
    data = f"picture {number}".encode()
    handle = f"img_{number:010}"
    return Entry(handle=handle, sha256=sha256(data).hexdigest(), data=data, name=name, told={"image": handle})


def book_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / BOOK).read_text("utf-8"))


@pytest.mark.parametrize(
    "folder",
    [
        *("../x", "..", "a/..", "a/../b", "/etc", "\\x", "C:\\x", "C:x", "~/x", "a\\b", "a//b", ".hidden", "a/.b", "."),
        *("x.", "x ", "con", "a/NUL", "com1.txt", "LPT9", "a:b", "a*", "a\0b", "a\nb", "y" * 81, "a/b/c/d/e", "a/ /b"),
    ],
)
def test_a_folder_that_leads_elsewhere_or_no_system_takes_is_refused_by_name(folder: str) -> None:
    with pytest.raises(BadInput, match="folder “"):
        collection_name(folder)


@pytest.mark.parametrize("folder", ["slides", "client/slides", "冬の朝", "Élan 2026", "a.b", "console", "com10"])
def test_an_ordinary_name_is_a_collection(folder: str) -> None:
    assert collection_name(folder) == folder
    assert collection_name(f"{folder}/") == folder


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", "aux", "x?.png", ".png", "x" * 81])
def test_a_name_with_separators_or_that_no_system_takes_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="name “"):
        file_stem(name)


def test_a_name_may_have_the_extension_of_a_picture_which_its_bytes_decide() -> None:
    assert [file_stem(name) for name in ("hero", "hero.png", "hero.JPEG", "v1.2")] == ["hero", "hero", "hero", "v1.2"]
    assert [safe_stem("con", "x"), safe_stem("", "img_1"), safe_stem("fox", "x")] == ["image-con", "img_1", "fox"]


def test_nothing_is_overwritten_and_the_same_picture_is_saved_once(tmp_path: Path) -> None:
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides" / "fox.png").write_bytes(b"somebody's own")

    first, _ = save(tmp_path, "slides", [entry(1), entry(2), entry(1)])
    again, _ = save(tmp_path, "slides", [entry(2, "other.png"), entry(3)])

    names = [saved.path.name for saved in [*first, *again] if saved.path]
    assert names == ["fox-2.png", "fox-3.png", "fox-2.png", "fox-3.png", "fox-4.png"]
    assert [saved.was_there for saved in [*first, *again]] == [False, False, True, True, False]
    assert (tmp_path / "slides" / "fox.png").read_bytes() == b"somebody's own"
    assert [each["file"] for each in book_of(tmp_path / "slides")["images"]] == ["fox-2.png", "fox-3.png", "fox-4.png"]


def test_a_picture_whose_file_a_person_removed_is_saved_again(tmp_path: Path) -> None:
    save(tmp_path, "slides", [entry(1)])
    (tmp_path / "slides" / "fox.png").unlink()

    [saved], _ = save(tmp_path, "slides", [entry(1)])

    assert not saved.was_there
    assert saved.path
    assert saved.path.read_bytes() == b"picture 1"


def test_a_file_that_a_killed_server_had_written_is_not_doubled(tmp_path: Path) -> None:
    save(tmp_path, "slides", [entry(1)])
    (tmp_path / "slides" / BOOK).unlink()  # it was killed before it wrote this

    save(tmp_path, "slides", [entry(1)])

    assert sorted(path.name for path in (tmp_path / "slides").iterdir()) == [BOOK, "fox.png"]
    assert len(book_of(tmp_path / "slides")["images"]) == 1


def test_what_a_person_has_written_into_the_file_stays(tmp_path: Path) -> None:
    save(tmp_path, "slides", [entry(1)])
    book: dict[str, Any] = book_of(tmp_path / "slides") | {"notes": ["mine"]}
    book["images"][0]["stars"] = 5
    book["images"] += ["a line of my own"]
    (tmp_path / "slides" / BOOK).write_text("\ufeff" + json.dumps(book), "utf-8")

    save(tmp_path, "slides", [entry(2)])

    after = book_of(tmp_path / "slides")
    assert after["notes"] == ["mine"]
    assert after["images"][0]["stars"] == 5
    assert after["images"][1] == "a line of my own"
    assert after["images"][2]["image"] == "img_0000000002"


@pytest.mark.parametrize("written", ["{broken", "[]", '{"images": 3}', ""])
def test_a_file_that_can_not_be_read_is_moved_aside_and_said_so(tmp_path: Path, written: str) -> None:
    save(tmp_path, "slides", [entry(1)])
    (tmp_path / "slides" / BOOK).write_text(written)

    _, notes = save(tmp_path, "slides", [entry(2)])

    assert "could not be read" in notes[0]
    assert (tmp_path / "slides" / "collection-unreadable-1.json").read_text() == written
    assert [each["image"] for each in book_of(tmp_path / "slides")["images"]] == ["img_0000000002"]


def test_a_link_that_leads_out_of_the_image_folder_is_not_followed(tmp_path: Path) -> None:
    pictures, outside = tmp_path / "pictures", tmp_path / "outside"
    pictures.mkdir()
    outside.mkdir()
    (pictures / "slides").symlink_to(outside)

    with pytest.raises(BadInput, match="leads out of the image folder"):
        save(pictures, "slides", [entry(1)])
    with pytest.raises(BadInput, match="leads out of the image folder"):
        save(pictures, "slides/deeper", [entry(1)])

    assert list(outside.iterdir()) == []


def test_an_image_folder_that_is_itself_a_link_is_the_persons_own_choice(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "pictures").symlink_to(tmp_path / "disk")

    save(tmp_path / "pictures", "slides", [entry(1)])

    assert (tmp_path / "disk" / "slides" / "fox.png").exists()


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "slides").write_text("mine")

    with pytest.raises(BadInput, match="slides is a file"):
        save(tmp_path, "slides", [entry(1)])


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder in which nobody can write")
def test_a_folder_that_can_not_be_made_is_an_error_that_names_the_setting() -> None:
    with pytest.raises(StorageFailed, match="LIGHTBOX_IMAGE_DIR"):
        save(Path("/proc/pictures"), "slides", [entry(1)])


LIMITED = """
import resource, signal, sys
from pathlib import Path
from images.test_collection import entry
from dataclasses import replace
from lightbox.images.collection import save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
large = replace(entry(2), data=b"x" * 5_000)
saved, notes = save(Path(sys.argv[1]), "slides", [entry(1), large, entry(3)])
print([bool(one.path) for one in saved], saved[1].problem)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the length of files")
def test_a_disk_that_is_full_for_one_of_them_loses_none_of_the_others(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        timeout=60,
    )

    assert done.stdout.startswith("[True, False, True] the folder can't be written (File too large)")
    assert sorted(path.name for path in (tmp_path / "slides").iterdir()) == [BOOK, "fox-2.png", "fox.png"]
    assert len(book_of(tmp_path / "slides")["images"]) == 2


WRITER = """
import sys
from pathlib import Path
from images.test_collection import entry
from lightbox.images.collection import save
start = int(sys.argv[2])
for number in range(start, start + 25):
    save(Path(sys.argv[1]), "slides", [entry(number), entry(1000)])
"""


def test_servers_that_write_at_once_lose_nothing_of_each_others(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(start)],
            cwd=Path(__file__).parents[1],
            stderr=subprocess.PIPE,
        )
        for start in (0, 100, 200)
    ]
    for writer in writers:
        _, told = writer.communicate(timeout=120)
        assert writer.returncode == 0, told.decode()

    images = book_of(tmp_path / "slides")["images"]
    assert len(images) == len({each["image"] for each in images}) == 76
    assert len({each["file"] for each in images}) == 76
    assert {path.name for path in (tmp_path / "slides").iterdir()} == {str(each["file"]) for each in images} | {BOOK}
