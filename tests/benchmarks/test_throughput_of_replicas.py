"""How many searches at once one, two and three replicas on PostgreSQL carry, beside one server on SQLite; the commits.

All of them, their client, their database and the service share one machine: what replicas on machines of their own
carry together is what one carries here, times their number, until the database is busy.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy import insert

from benchmarks.programs import Memory, asked, children, needs_proc, program, rounds
from databases import Postgres, engine, rows
from lightbox.state.engines import open_database
from lightbox.state.tables import approvals

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection
    from tests.conftest import HTTPProcess, MakeSettings

    from .conftest import Measure

pytestmark = [pytest.mark.slow, needs_proc]

CALLS = AT_ONCE = 64
REPLICAS = ("one replica", "two replicas", "three replicas")
COMMITS = 100


@contextmanager
def waiting_for_the_disk(postgres: Postgres) -> Generator[None]:
    """Let commits wait until they are on the disk, as a team's do."""
    postgres.run("ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()")
    try:
        with engine(postgres.url).connect() as connection:
            while connection.exec_driver_sql("SHOW fsync").scalar_one() != "on":
                time.sleep(0.01)
        yield
    finally:
        postgres.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")


def test_64_searches_at_once_at_one_two_and_three_replicas(
    settings: MakeSettings, http_process: HTTPProcess, postgres: Postgres, tmp_path: Path, measure: Measure
) -> None:
    postgres.empty()
    rates: dict[str, list[float]] = {"SQLite": [], **{name: [] for name in REPLICAS}}
    with ExitStack() as stack:
        service = stack.enter_context(program("prepared_service.py"))
        caller = stack.enter_context(asked("caller.py"))
        stack.enter_context(waiting_for_the_disk(postgres))

        def start(name: str, **more: Any) -> str:
            base_url = f"{service}/compatible-mode/v1"
            made = settings(
                dashscope_base_url=base_url,
                search_provider="dashscope",
                calls_per_caller=AT_ONCE,
                state_dir=tmp_path / name,
                **more,
            )
            return stack.enter_context(http_process(made))

        alone = start("alone")
        before = children()
        shared = {"state_url": SecretStr(postgres.url)}
        replicas = [start(name, **shared) for name in REPLICAS]
        [process, *_] = sorted(children() - before)
        idle = Memory(process).held
        servers = {"SQLite": [alone], **{name: replicas[: index + 1] for index, name in enumerate(REPLICAS)}}
        for turn in range(-1, rounds(2).stop):  # in turn, so that a busy moment of the machine meets all
            for name, origins in servers.items():
                query = {"query": f"{name}, turn {turn}, number #", "check": False}
                seconds = caller.ask(origins, "search_images", query, CALLS, AT_ONCE)
                if turn >= 0:
                    rates[name].append(CALLS / seconds)
        held = Memory(process).held
        made = settings(**shared)
        room = {
            table: rows(made, f"SELECT count(*) AS rows, pg_total_relation_size('{table}') AS bytes FROM {table}")[0]  # noqa: S608 - ours
            for table in ("jobs", "pictures")
        }
        open_now = len(rows(made, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()")) - 1

    found = {name: statistics.median(each) for name, each in rates.items()}
    floor = found.pop("SQLite")
    measure("64 searches at once, one server on SQLite", floor, "calls/s")
    for name, rate in found.items():
        measure(f"the same, {name} on PostgreSQL", rate, "calls/s", floor=floor)
    measure("memory of a replica, idle", idle / 1e6, "MB")
    measure("memory of a replica, after its share of them", held / 1e6, "MB")
    measure("connections of three replicas after them", open_now, "connections")
    for table, one in (("jobs", "search"), ("pictures", "found picture")):
        measure(f"room of a {one} in PostgreSQL", room[table]["bytes"] / room[table]["rows"], "bytes")
    assert room["jobs"]["rows"] == CALLS * len(REPLICAS) * (rounds(2).stop + 1)


async def test_what_a_commit_costs(postgres: Postgres, tmp_path: Path, measure: Measure) -> None:
    postgres.empty()
    numbers = count()

    async def commits(url: str | None) -> float:
        database = open_database(tmp_path / "state", url)
        took: list[float] = []
        try:
            for _ in range(COMMITS):
                began = time.perf_counter()
                await database.write(_approval(next(numbers)))
                took.append(time.perf_counter() - began)
        finally:
            await database.close()
        return statistics.median(took)

    found = {"SQLite": await commits(None), "PostgreSQL": await commits(postgres.url)}
    with waiting_for_the_disk(postgres):
        found["PostgreSQL, on the disk"] = await commits(postgres.url)
    floor = 1000 * found.pop("SQLite")
    measure("a commit by itself, SQLite", floor, "ms")
    for name, seconds in found.items():
        measure(f"a commit by itself, {name}", 1000 * seconds, "ms", floor=floor)


def _approval(number: int) -> Any:
    row = {"id": f"approval-{number}", "key": "k", "owner": "me", "amount": 1, "currency": "USD", "asked_at": 1.0}

    def write(connection: Connection) -> None:
        connection.execute(insert(approvals).values(row))

    return write
