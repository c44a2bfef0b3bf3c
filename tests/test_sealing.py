"""What one server seals, another of the same state database opens, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from mcp.server.request_state import InvalidRequestState

from lightbox.errors import StorageFailed
from lightbox.http.sealing import Seal
from lightbox.state.shared_keys import shared_key
from lightbox.state.sqlite import SQLiteDatabase

if TYPE_CHECKING:
    from pathlib import Path


async def seal_of(state_dir: Path) -> Seal:
    """Give the seal of a server that has just opened its database."""
    seal, database = Seal(), SQLiteDatabase(state_dir)
    try:
        await seal.take_key(database)
    finally:
        await database.close()
    return seal


async def test_servers_of_one_database_open_each_others_seals(tmp_path: Path) -> None:
    assert (await seal_of(tmp_path)).unseal((await seal_of(tmp_path)).seal(b"approval")) == b"approval"


async def test_a_seal_of_another_database_is_refused(tmp_path: Path) -> None:
    token = (await seal_of(tmp_path / "one")).seal(b"approval")
    with pytest.raises(InvalidRequestState):
        (await seal_of(tmp_path / "other")).unseal(token)


async def test_servers_that_make_the_key_at_once_have_one_key(tmp_path: Path) -> None:
    databases = [SQLiteDatabase(tmp_path) for _ in range(4)]
    keys: list[bytes] = []

    async def take(database: SQLiteDatabase) -> None:
        keys.append(await shared_key(database, "seal"))

    async with anyio.create_task_group() as tasks:
        for database in databases * 4:
            tasks.start_soon(take, database)
    for database in databases:
        await database.close()

    assert len(keys) == 16
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32


async def test_keys_for_different_purposes_differ(tmp_path: Path) -> None:
    database = SQLiteDatabase(tmp_path)
    assert await shared_key(database, "seal") != await shared_key(database, "pictures")
    await database.close()


def test_nothing_opens_before_the_key_was_taken() -> None:
    with pytest.raises(InvalidRequestState):
        Seal().unseal(Seal(bytes(32)).seal(b"approval"))


async def test_a_database_that_can_not_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match=r"LIGHTBOX_STATE_DIR"):
        await seal_of(tmp_path / "file" / "state")
