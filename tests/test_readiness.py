"""What `/ready` says to whoever decides where requests go, and what it keeps to itself."""

from __future__ import annotations

from stat import S_IMODE
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpx2
import pytest

from lightbox.commands.doctor import examine
from lightbox.errors import StorageFailed
from lightbox.http.readiness import OPENING, SLOW, STARTING, Readiness

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeSettings, ServeHTTP
    from lightbox.settings import Settings
    from lightbox.tools.tool import Opening


class Parts:
    """Stands for what can't be made to hang or to fail at a given moment."""

    def __init__(self, settings: Settings, failure: Exception | None = None) -> None:
        self.settings = settings
        self.database = self
        self.failure = failure
        self.go = anyio.Event()
        self.reads = 0

    async def open(self) -> Parts:
        return self

    async def read(self, _: object) -> None:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        await self.go.wait()


@pytest.fixture
def web() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=30)


async def asked(web: httpx2.AsyncClient, url: str) -> httpx2.Response:
    """Ask until the server has started."""
    with anyio.fail_after(60):
        while (answer := await web.get(f"{url}/ready")).json().get("faults") == [STARTING]:
            pass
    return answer


async def test_a_server_that_can_do_its_work_is_ready(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient
) -> None:
    async with serve_http(settings()) as url, web:
        answer = await asked(web, url)

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_a_folder_that_can_not_be_written_is_told_without_its_path(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "in_the_way"
    in_the_way.touch()
    async with serve_http(settings(image_dir=in_the_way / "pictures")) as url, web:
        answer = await asked(web, url)
        health = await web.get(f"{url}/health")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json() == {
        "status": "not ready",
        "faults": ["The folder of pictures can't be written."],
    }
    assert health.status_code == 200


async def test_a_state_database_that_is_broken_is_told_without_its_path(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient
) -> None:
    made = settings()
    async with serve_http(made) as url, web:
        assert (await asked(web, url)).status_code == 200
        for file in made.state_dir.glob("lightbox.sqlite3*"):
            file.write_bytes(b"no database" * 10_000)
        await anyio.sleep(1.1)  # what was found is good for a second
        answer = await asked(web, url)

    assert answer.status_code == 503
    assert answer.json()["faults"] == ["The database does not answer."]


async def test_a_server_that_can_not_be_opened_is_not_ready_and_its_log_says_why(
    settings: MakeSettings,
    serve_http: ServeHTTP,
    web: httpx2.AsyncClient,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "in_the_way").touch()
    async with serve_http(settings(state_dir=tmp_path / "in_the_way" / "state")) as url, web:
        answer = await asked(web, url)

    assert (answer.status_code, answer.json()["faults"]) == (503, [OPENING])
    assert "set LIGHTBOX_STATE_DIR to a folder that can be written" in caplog.text


async def test_a_database_that_hangs_is_asked_once_and_told_in_time(settings: MakeSettings) -> None:
    parts = Parts(settings())
    readiness = Readiness(cast("Opening", parts), check_seconds=0.2)
    with anyio.fail_after(2):
        assert await readiness.faults() == [SLOW]
        assert await readiness.faults() == [SLOW]
    assert parts.reads == 1
    parts.go.set()
    assert await readiness.faults() == []


async def test_however_many_ask_the_database_is_asked_once_a_second(settings: MakeSettings) -> None:
    parts = Parts(settings())
    parts.go.set()
    readiness = Readiness(cast("Opening", parts), good_for_seconds=0.3)
    told: list[list[str]] = []

    async def ask() -> None:
        told.append(await readiness.faults())

    for _ in range(2):
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(ask)
    assert (told, parts.reads) == ([[]] * 100, 1)
    await anyio.sleep(0.35)
    await ask()
    assert parts.reads == 2


async def test_what_is_mended_is_ready_again(settings: MakeSettings) -> None:
    parts = Parts(settings(), StorageFailed("The state database /home/ada/state.db can't be used."))
    readiness = Readiness(cast("Opening", parts), good_for_seconds=0)
    broken: Any = await readiness.faults()
    parts.failure = None
    parts.go.set()

    assert broken == ["The database does not answer."]
    assert await readiness.faults() == []


async def test_whoever_looks_first_makes_a_state_folder_that_is_its_users_alone(settings: MakeSettings) -> None:
    examined = settings()
    findings = await examine(examined)
    assert S_IMODE(examined.state_dir.stat().st_mode) == 0o700
    assert not [finding.text for finding in findings if "can look into" in finding.text]
