"""What one server seals, another of the same state folder opens, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp.server.request_state import InvalidRequestState

from lightbox.errors import StorageFailed
from lightbox.http.sealing import KEY_BYTES, KEY_FILE, Seal

if TYPE_CHECKING:
    from pathlib import Path


def test_servers_of_one_state_folder_open_each_others_seals(tmp_path: Path) -> None:
    assert Seal(tmp_path).unseal(Seal(tmp_path).seal(b"approval")) == b"approval"


def test_a_seal_of_another_state_folder_is_refused(tmp_path: Path) -> None:
    token = Seal(tmp_path / "one").seal(b"approval")
    with pytest.raises(InvalidRequestState):
        Seal(tmp_path / "other").unseal(token)


def test_nothing_is_written_before_something_is_sealed(tmp_path: Path) -> None:
    Seal(tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_the_key_is_its_users_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    Seal(tmp_path).seal(b"approval")
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("left", [b"", b"short"])
def test_a_key_file_that_broke_off_is_made_anew(tmp_path: Path, left: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(left)
    assert Seal(tmp_path).unseal(Seal(tmp_path).seal(b"approval")) == b"approval"
    assert len((tmp_path / KEY_FILE).read_bytes()) == KEY_BYTES
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_state_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match=r"file/state can't be written .* LIGHTBOX_STATE_DIR"):
        Seal(tmp_path / "file" / "state").seal(b"approval")
