"""What the sandbox remembers is bounded, and the newest is what it keeps."""

from __future__ import annotations

import pytest

from lightbox_sandbox.dialects import Rejected
from lightbox_sandbox.items import image_call
from lightbox_sandbox.memory import KeptResponse, ResponseStore
from lightbox_sandbox.stream import EventLog
from lightbox_sandbox.uploads import FileStore


def record(name: str, *, result: str = "", finished: bool = True, expires_at: float | None = None) -> KeptResponse:
    item = image_call(f"ig_{name}", "completed") | {"result": result}
    made = KeptResponse(
        response={"id": name, "output": [item]},
        dialect="openai",
        input=[],
        context=[],
        expires_at=expires_at,
    )
    made.log.append("response.output_item.done", {"item": item})
    made.log.append("response.completed", {"response": made.response})
    if finished:
        made.log.close()
    return made


def keep(store: ResponseStore, *records: KeptResponse) -> None:
    for one in records:
        store.add(one)
        store.finished(one)


async def test_the_oldest_responses_go_where_there_are_too_many() -> None:
    store = ResponseStore(max_responses=2)

    keep(store, record("a"), record("b"), record("c"))

    assert len(store) == 2
    assert store.get("c").id == "c"
    with pytest.raises(Rejected):
        store.get("a")


async def test_the_oldest_responses_go_where_they_hold_too_many_bytes() -> None:
    store = ResponseStore(max_bytes=110_000)

    keep(store, *(record(name, result=name * 40_000) for name in "abcd"))

    assert store.byte_count <= 110_000
    assert len(store) == 2


async def test_a_picture_is_counted_once_however_many_responses_speak_of_it() -> None:
    store = ResponseStore()
    first = record("a", result="x" * 100_000)
    second = record("b")
    second.context = list(first.response["output"])

    keep(store, first, second)

    assert 100_000 < store.byte_count < 130_000
    store.remove("a")
    assert store.byte_count > 100_000


async def test_what_is_still_worked_on_is_never_forgotten() -> None:
    store = ResponseStore(max_responses=1)
    store.add(record("working", finished=False))

    keep(store, record("done"))

    assert store.get("working").id == "working"


async def test_what_was_not_to_be_stored_is_forgotten_in_time() -> None:
    store = ResponseStore()

    keep(store, record("past", expires_at=0.0), record("future", expires_at=float("inf")))

    assert store.get("future").id == "future"
    with pytest.raises(Rejected):
        store.get("past")
    assert len(store) == 1


def test_the_oldest_files_go_where_there_are_too_many_bytes() -> None:
    files = FileStore(max_bytes=100)

    kept = [files.add(f"{number}.png", "vision", bytes(40)) for number in range(4)]

    assert files.all() == kept[-2:]


@pytest.mark.parametrize(("purpose", "data"), [("art", b"x"), ("vision", b"")])
def test_a_file_that_can_not_be_kept_is_an_error(purpose: str, data: bytes) -> None:
    with pytest.raises(Rejected):
        FileStore().add("a.png", purpose, data)


def test_a_file_lives_as_long_as_was_asked() -> None:
    files = FileStore()
    brief = files.add("a.png", "vision", b"x", lifetime=-1)

    with pytest.raises(Rejected):
        files.get(brief.id)
    assert files.all() == []


async def test_whoever_comes_late_reads_every_event() -> None:
    log = EventLog()
    log.append("one", {})
    log.append("two", {})
    log.close()

    assert [event["type"] async for event in log.follow()] == ["one", "two"]
    assert [event["type"] async for event in log.follow(after=0)] == ["two"]
