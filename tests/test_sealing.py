"""An approval that one server asked for can be taken up by another of the same state folder, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp.server.request_state import InvalidRequestState

from lightbox.http.sealing import SharedSeal

if TYPE_CHECKING:
    from pathlib import Path


def test_servers_of_one_state_folder_open_each_others_seals(tmp_path: Path) -> None:
    assert SharedSeal(tmp_path).unseal(SharedSeal(tmp_path).seal(b"approval")) == b"approval"


def test_a_seal_of_another_state_folder_is_refused(tmp_path: Path) -> None:
    token = SharedSeal(tmp_path / "one").seal(b"approval")
    with pytest.raises(InvalidRequestState):
        SharedSeal(tmp_path / "other").unseal(token)


def test_nothing_is_written_before_the_first_question(tmp_path: Path) -> None:
    SharedSeal(tmp_path / "state")
    assert not (tmp_path / "state").exists()
