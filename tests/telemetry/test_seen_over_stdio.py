"""One person's server over stdio as it can be seen: a trace that the client named, prompts, a log as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from telemetry.watching import Collector, environment, over_stdio, running_collector

if TYPE_CHECKING:
    from tests.conftest import Upstream

KEY = "planted-key-that-nobody-may-see-0123456789"
PROMPT = "an old lighthouse in the fog"
TRACE, CLIENT = "12" * 16, "34" * 8
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?P<level>[A-Z]+) (?P<logger>[\w.]+): (?P<message>.*)")


@dataclass(frozen=True)
class Seen:
    collector: Collector
    stderr: str


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, sandbox: Upstream) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("seen")
    with running_collector() as collector:
        variables = environment(
            folder,
            collector,
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=sandbox.openai_url,
            OTEL_SERVICE_NAME="pictures-of-the-team",
            OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="true",
        )
        yield Seen(collector, anyio.run(_search, variables, folder))


async def _search(variables: Mapping[str, str], folder: Path) -> str:
    async with over_stdio(variables, folder) as watched:
        search: dict[str, Any] = {"query": f"{PROMPT} {KEY}", "count": 2, "check": False}
        await watched.client.call_tool("search_images", search, meta={"traceparent": f"00-{TRACE}-{CLIENT}-01"})
        await watched.client.call_tool("search_images", search)
    return watched.stderr


def test_the_trace_that_a_call_names_is_continued_down_to_the_journal(seen: Seen) -> None:
    [call] = [span for span in seen.collector.named("tools/call search_images") if span.trace == TRACE]
    job, request = seen.collector.one("job search_images"), seen.collector.one("search ")
    settling = seen.collector.one("state write Journal.settle")

    assert [span.parent for span in (call, job, request, settling)] == [CLIENT, call.id, job.id, job.id]
    assert {span.trace for span in (call, job, request, settling)} == {TRACE}
    assert call.attributes["lightbox.owner"] == "local"


def test_a_call_that_is_answered_with_the_job_of_another_is_linked_to_its_trace(seen: Seen) -> None:
    [later] = [span for span in seen.collector.named("tools/call search_images") if span.trace != TRACE]

    assert later.parent == ""
    assert later.links == (TRACE,)
    assert {span.name for span in seen.collector.spans if span.parent == later.id} == {"state write Journal.open"}


def test_a_prompt_is_told_where_it_is_asked_for_and_with_the_request_alone(seen: Seen) -> None:
    request = seen.collector.one("search ")
    [message] = json.loads(request.attributes["gen_ai.input.messages"])
    others = [span for span in seen.collector.spans if span != request]

    assert PROMPT in message["parts"][0]["content"]
    assert not [span for span in others if PROMPT in str(span.attributes)]


def test_a_key_in_a_prompt_is_told_to_nobody(seen: Seen) -> None:
    request = seen.collector.one("search ")

    assert f"{PROMPT} [key]" in request.attributes["gen_ai.input.messages"]
    assert not [body for body in seen.collector.bodies if KEY.encode() in body]
    assert KEY not in seen.stderr


def test_who_tells_is_named_as_the_person_wants_it(seen: Seen) -> None:
    assert {resource["service.name"] for resource in seen.collector.resources} == {"pictures-of-the-team"}


def test_what_is_left_to_tell_is_told_before_the_process_ends(seen: Seen) -> None:
    [(labels, number)] = seen.collector.metrics["lightbox.calls"]

    assert (labels["tool"], labels["owner"], number) == ("search_images", "local", 2)


def test_the_log_is_lines_of_text_without_the_prompt(seen: Seen) -> None:
    lines = [LINE.fullmatch(line) for line in seen.stderr.splitlines()]
    calls = [line["message"] for line in lines if line and line["logger"] == "lightbox.calls"]

    assert None not in lines, seen.stderr
    assert len(calls) == 2
    assert re.fullmatch(
        r"tool=search_images owner=local outcome=completed seconds=[\d.]+ job=job_\w{12} how=new provider=openai "
        rf'model=\S+ billed="[\d.]+ USD" trace_id={TRACE}',
        calls[0],
    ), calls[0]
    assert PROMPT not in seen.stderr
