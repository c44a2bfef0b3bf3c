from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lightbox_sandbox.encoding import encode
from lightbox_sandbox.folder import FolderLibrary
from lightbox_sandbox.index import terms
from lightbox_sandbox.library import Library
from lightbox_sandbox.painted import PaintedLibrary
from lightbox_sandbox.painter import paint
from lightbox_sandbox.scenes import SCENES

KEY = "red-fox-in-the-snow-at-dusk.jpg"


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = PaintedLibrary(tmp_path_factory.mktemp("cache"))
    yield library
    library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    (pictures / "Iceland 2019").mkdir(parents=True)
    (pictures / "Iceland 2019" / "glacier_tongue.jpg").write_bytes(
        encode(paint("snowy mountains", width=120, height=80), "jpeg", None, prompt="blue ice cave")
    )
    (pictures / "Ünïcode 猫 (1).png").write_bytes(encode(paint("a cat", width=60, height=60), "png", None, prompt=""))
    (pictures / "broken.jpg").write_bytes(b"this is no picture")
    (pictures / "notes.txt").write_text("nor is this")
    return pictures


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Iterator[Library]:
    library = FolderLibrary(tmp_path / "cache", folder)
    yield library
    library.close()


def keys(library: Library, *queries: str, limit: int = 5) -> list[str]:
    return [entry.key for entry in library.search(queries, limit)]


def test_the_painted_library_is_large_and_varied() -> None:
    assert len(SCENES) >= 60
    assert len({(scene.width, scene.height) for scene in SCENES.values()}) >= 4
    assert {Path(key).suffix for key in SCENES} == {".jpg", ".png", ".webp", ".gif"}
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in scene.title) for scene in SCENES.values())


def test_words_find_the_picture_that_they_name_first(painted: Library) -> None:
    assert keys(painted, "a red fox in winter")[0] == KEY
    assert keys(painted, "pictures of foxes")[0] == KEY
    assert keys(painted, "city skyline")[0] == "city-skyline-at-night.jpg"


def test_chinese_words_find_as_well(painted: Library) -> None:
    assert keys(painted, "熊猫")[0] == "panda-in-a-bamboo-grove.jpg"
    assert keys(painted, "找一张雪地里的狐狸图片")[0] == KEY
    assert "sailing-boat-at-sunset.jpg" in keys(painted, "日落")


def test_several_queries_are_merged(painted: Library) -> None:
    assert {KEY, "pizza-with-olives-and-basil.jpg"} <= set(keys(painted, "fox", "pizza"))


def test_what_nothing_is_called_is_not_found(painted: Library) -> None:
    assert keys(painted, "xyzzy") == []
    assert keys(painted, "the of and") == []
    assert keys(painted, 'zzzz" OR * NEAR( --') == []


def test_the_beginning_of_a_word_finds_where_the_word_does_not(painted: Library) -> None:
    assert keys(painted, "lightho")[0].endswith((".jpg", ".webp"))


def test_a_painted_picture_is_what_its_entry_says(painted: Library) -> None:
    for key in (KEY, "snowman-and-falling-snow.gif", "cheeseburger.webp", "bar-chart-of-growth.png"):
        entry = painted.entry(key)
        assert entry is not None
        with Image.open(io.BytesIO(painted.read(key))) as file:
            assert (file.size, Image.MIME[file.format or ""]) == ((entry.width, entry.height), entry.mime_type)


def test_a_painted_picture_is_painted_once(painted: Library) -> None:
    painted.read(KEY)
    begun = time.process_time()
    painted.read(KEY)
    assert time.process_time() - begun < 0.05


def test_a_thumbnail_is_a_small_jpeg(painted: Library, own: Library) -> None:
    for library in (painted, own):
        key = next(iter(library.all())).key
        with Image.open(io.BytesIO(library.thumbnail(key))) as file:
            assert file.format == "JPEG"
            assert max(file.size) <= 256


def test_an_unknown_key_is_unknown(painted: Library) -> None:
    assert painted.entry("nothing.jpg") is None
    with pytest.raises(KeyError):
        painted.read("../../etc/passwd")
    with pytest.raises(KeyError):
        painted.thumbnail("nothing.jpg")


def test_file_folder_and_embedded_words_find_the_users_pictures(own: Library) -> None:
    for words in ("glacier", "iceland", "ice cave"):
        assert [entry.title for entry in own.search([words], 3)] == ["blue ice cave"], words
    assert len(own.search(["猫"], 3)) == 1


def test_keys_are_safe_in_a_url_and_lead_back_to_the_file(own: Library, folder: Path) -> None:
    for entry in own.all():
        assert entry.key.isascii()
        assert not set(entry.key) & set(" /?#%()")
        assert own.read(entry.key) in {path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_no_picture_is_left_out(own: Library) -> None:
    assert sorted(entry.mime_type for entry in own.all()) == ["image/jpeg", "image/png"]


def test_new_changed_and_deleted_files_are_noticed(own: Library, folder: Path) -> None:
    assert len(list(own.all())) == 2
    (folder / "new.webp").write_bytes(encode(paint("a boat", width=64, height=64), "webp", None, prompt="regatta"))
    changed = folder / "Iceland 2019" / "glacier_tongue.jpg"
    changed.write_bytes(encode(paint("a rose", width=50, height=70), "jpeg", None, prompt="rose garden"))
    os.utime(changed, ns=(1, 1))
    (folder / "Ünïcode 猫 (1).png").unlink()
    own.refresh()
    assert {entry.title for entry in own.all()} == {"regatta", "rose garden"}
    assert own.search(["cave"], 3) == []
    assert [(entry.width, entry.height) for entry in own.search(["rose"], 1)] == [(50, 70)]


def test_progress_counts_to_the_end(own: Library) -> None:
    told: list[tuple[int, int]] = []
    own.refresh(lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)


def test_an_index_is_kept_between_starts(own: Library, folder: Path, tmp_path: Path) -> None:
    own.refresh()
    own.close()
    again = FolderLibrary(tmp_path / "cache", folder)
    told: list[tuple[int, int]] = []
    again.refresh(lambda done, total: told.append((done, total)))
    assert told == []
    assert len(list(again.all())) == 2
    again.close()


def test_words_are_split_for_every_script() -> None:
    assert terms("Red-fox, ÉTÉ 2024") == ["red", "fox", "été", "2024"]
    assert terms("熊猫吃") == ["熊", "猫", "吃", "熊猫", "猫吃"]
    assert terms("熊猫吃", index=False) == ["熊猫", "猫吃"]
