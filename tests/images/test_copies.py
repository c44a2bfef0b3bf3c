"""Copies of given files, made a moment after the call that named them."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from lightbox.images.content import content_key
from lightbox.images.content_folder import FolderContent
from lightbox.images.copies import Copies
from lightbox.images.inspection import Inspected, inspect_bytes

if TYPE_CHECKING:
    from tests.images.conftest import Painter


@pytest.fixture
def given(painted: Painter) -> tuple[bytes, Inspected]:
    data = painted()
    return data, inspect_bytes(data, "fox.png")


def kept(folder: FolderContent, inspected: Inspected) -> bytes:
    return folder.path(content_key(inspected.sha256, inspected.mime_type)).read_bytes()


async def test_a_file_is_copied_by_itself_once_nothing_has_come_for_a_while(
    tmp_path: Path, given: tuple[bytes, Inspected]
) -> None:
    folder = FolderContent(tmp_path)
    copies = Copies(folder, settle_seconds=0.3)
    data, inspected = given
    begun = time.monotonic()
    copies.put(data, inspected)
    with anyio.fail_after(10):
        while copies.inspected(inspected.sha256):  # noqa: ASYNC110 - nobody is told
            await anyio.sleep(0.01)
    assert time.monotonic() - begun >= 0.3
    assert kept(folder, inspected) == data


def test_until_then_its_bytes_and_what_they_told_are_held(tmp_path: Path, given: tuple[bytes, Inspected]) -> None:
    folder = FolderContent(tmp_path / "pictures")
    copies = Copies(folder)
    data, inspected = given
    copies.put(data, inspected)
    assert (copies.get(inspected.sha256), copies.inspected(inspected.sha256)) == (data, inspected)
    assert not folder.folder.exists()
    copies.close()
    assert (copies.get(inspected.sha256), copies.inspected(inspected.sha256)) == (None, None)
    assert kept(folder, inspected) == data


def test_what_is_more_than_may_wait_is_copied_at_once(tmp_path: Path, given: tuple[bytes, Inspected]) -> None:
    folder = FolderContent(tmp_path)
    data, inspected = given
    copies = Copies(folder, most_held=len(data) - 1)
    copies.put(data, inspected)
    assert copies.get(inspected.sha256) is None
    assert kept(folder, inspected) == data


def test_a_folder_that_can_not_be_written_holds_nobody_up(
    tmp_path: Path, given: tuple[bytes, Inspected], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "pictures").write_text("no folder")
    copies = Copies(FolderContent(tmp_path / "pictures"))
    copies.put(*given)
    with caplog.at_level(logging.WARNING):
        copies.close()
    assert "could not be kept" in caplog.text
    assert copies.get(given[1].sha256) is None
