"""A state that is moved to PostgreSQL and back is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from pydantic import SecretStr

from databases import Postgres, change, rows
from lightbox.commands.state_copy import copy
from lightbox.errors import BadInput, SettingsError
from lightbox.state.copying import BATCH
from lightbox.state.tables import metadata

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ask, Connect, MakeSettings

    from lightbox.settings import Settings


@pytest.fixture
def url(postgres: Postgres) -> str:
    postgres.empty()
    return postgres.url


@pytest.fixture
async def used(settings: MakeSettings, connect: Connect, ask: Ask) -> Settings:
    """A state with jobs, pictures and an approval, and so many of one kind that they need several batches."""
    used = settings()
    async with connect(used) as client:
        await ask(client, "search_images", query="a lake", count=3)
        made = await ask(client, "generate_image", prompt="狐 \N{FOX FACE}", size="1024x640", quality="low")
        assert not made.failed, made.text
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)"
    row = "SELECT i % 3, 'img_' || i, 'found', i / 7.0 FROM n"
    into = "pictures (owner, handle, origin, created_at)"
    change(used, f"INSERT INTO {into} {many} {row}", many=2 * BATCH + 1)
    change(used, "INSERT INTO approvals VALUES ('a', 'key', 'me', 9223372036854775807, 'USD', 1.5, NULL)")
    return used


def all_of(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Give every row of every table, in the order of their keys."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        keys = ", ".join(column.name for column in table.primary_key)
        found[table.name] = rows(settings, f"SELECT * FROM {table.name} ORDER BY {keys}")  # noqa: S608 - ours
    return found


async def copied(settings: Settings, source: object, target: object = None) -> None:
    """Carry the command out as the terminal does, outside of any event loop."""
    await anyio.to_thread.run_sync(copy, settings, "copy", str(source), None if target is None else str(target))


async def test_a_state_goes_to_postgresql_and_back_without_loss(
    used: Settings,
    settings: MakeSettings,
    url: str,
    tmp_path: Path,
    connect: Connect,
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there, back = settings(state_url=SecretStr(url)), settings(state_dir=tmp_path / "back")
    await copied(there, used.state_dir)
    await copied(used, url, back.state_dir)
    told = capsys.readouterr().out
    async with connect(there) as client:
        again = await ask(client, "search_images", query="a lake", count=3)

    assert all_of(used) == all_of(back)
    assert len(all_of(used)["pictures"]) > 2 * BATCH
    rows = {name: len(each) for name, each in all_of(used).items()}
    assert f"Copied 1 approvals, 2 jobs, {rows['picture_words']} picture_words, {rows['pictures']} pictures" in told
    assert again.listed["cached"] is True


async def test_a_target_that_is_not_empty_is_left_as_it_is(
    used: Settings, settings: MakeSettings, tmp_path: Path
) -> None:
    other = settings(state_dir=tmp_path / "other")
    await copied(used, used.state_dir, other.state_dir)
    before = all_of(other)
    with pytest.raises(BadInput, match=r"is not empty \(1 approvals, 2 jobs, .* nothing was copied"):
        await copied(used, used.state_dir, other.state_dir)
    assert all_of(other) == before


async def test_a_state_on_which_a_server_works_is_not_copied(used: Settings, tmp_path: Path) -> None:
    change(used, "UPDATE jobs SET state = 'sent', beat = 9999999999, server = 'elsewhere:1:a'")
    with pytest.raises(BadInput, match="A server still works on 2 jobs"):
        await copied(used, used.state_dir, tmp_path / "other")


async def test_what_can_not_be_copied_is_told_without_a_password(settings: MakeSettings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no state in this folder"):
        await copied(settings(), tmp_path)
    with pytest.raises(SettingsError, match="FROM does not begin with postgresql://") as caught:
        await copied(settings(), "mysql://me:hush-hush@db/lightbox")
    assert "hush" not in str(caught.value)
