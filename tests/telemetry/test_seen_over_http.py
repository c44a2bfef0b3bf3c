"""A team's server as those who run it see it: traces and metrics at a collector, `/metrics`, and its log as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from telemetry.watching import COLLECTOR_KEY, SERVICE, Collector, Span, environment, over_http, running_collector

if TYPE_CHECKING:
    from tests.conftest import Answer, Ask, Upstream

KEY = "planted-key-that-nobody-may-see-0123456789"
TOKEN = "token-of-a-caller-0123456789"  # noqa: S105 - planted
PROMPT = "a very private wish for a red fox"
FORGED = "x\n2026-01-01 00:00:00,000 INFO lightbox.calls: tool=forged"
TRACE, CALLER = "ab" * 16, "cd" * 8


@dataclass
class Seen:
    """What was to be seen of a few calls."""

    collector: Collector
    answers: dict[str, Answer] = field(default_factory=dict[str, "Answer"])
    scraped: str = ""
    scraped_as: tuple[int, str] = (0, "")
    under_foreign_name: int = 0
    link: str = ""
    stderr: str = ""

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log, read as a collector of logs does: each line by itself."""
        return [json.loads(line) for line in self.stderr.splitlines() if not line.startswith("Lightbox ")]

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [record for record in self.records if record["logger"] == "lightbox.calls"]

    @property
    def labelled(self) -> list[tuple[str, dict[str, str], float]]:
        families = text_string_to_metric_families(self.scraped)
        return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]

    def scraped_value(self, name: str, **labels: str) -> float:
        [value] = [value for told, given, value in self.labelled if told == name and labels.items() <= given.items()]
        return value

    def call_span(self, tool: str, how: str | None = "new") -> Span:
        [span] = [
            span
            for span in self.collector.named(f"tools/call {tool}")
            if span.attributes.get("lightbox.job.how") == how
        ]
        return span


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, sandbox: Upstream, ask: Ask) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("seen")
    with running_collector() as collector:
        seen = Seen(collector)
        tokens = folder / "tokens.toml"
        tokens.touch(0o600)
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        tokens.write_text(f'[[caller]]\nname = "ada"\nsha256 = "{digest}"\n')
        variables = environment(
            folder,
            collector,
            LIGHTBOX_LOG_FORMAT="json",
            LIGHTBOX_TOKENS=str(tokens),
            LIGHTBOX_METRICS="127.0.0.1:0",
            LIGHTBOX_FETCH_ALLOW=sandbox.pair,
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=sandbox.openai_url,
            DASHSCOPE_API_KEY=KEY,
            DASHSCOPE_BASE_URL=f"{collector.url}{SERVICE}",
        )
        anyio.run(_make_calls, seen, variables, folder, ask)
        yield seen


async def _make_calls(seen: Seen, variables: Mapping[str, str], folder: Path, ask: Ask) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "traceparent": f"00-{TRACE}-{CALLER}-01"}
    picture = {"prompt": f"{PROMPT} {KEY}", "size": "1024x640", "quality": "low", "provider": "openai"}
    search = {"query": PROMPT, "provider": "openai", "count": 2}
    async with over_http(variables, folder, headers) as watched:
        client, answers = watched.client, seen.answers
        answers["made"] = await ask(client, "generate_image", **picture)
        answers["found"] = await ask(client, "search_images", **search)
        answers["again"] = await ask(client, "search_images", **search)
        described = {"images": answers["made"].handles[:1], "provider": "dashscope", "model": FORGED}
        answers["refused"] = await ask(client, "describe_images", **described)
        answers["wrong"] = await ask(client, "view_images", pictures=1)
        answers["unknown"] = await ask(client, FORGED)
        [seen.link] = re.findall(r"^link: (\S+)$", answers["made"].text, re.MULTILINE)
        async with httpx2.AsyncClient(trust_env=False) as web:
            assert (await web.get(seen.link)).status_code == 200
            answer = await web.get(watched.metrics)
            foreign = await web.get(watched.metrics, headers={"Host": "evil.example"})
    seen.scraped, seen.scraped_as = answer.text, (answer.status_code, answer.headers["content-type"])
    seen.under_foreign_name = foreign.status_code
    seen.stderr = watched.stderr


def test_one_trace_leads_from_the_request_through_call_job_and_service_to_the_journal(seen: Seen) -> None:
    call = seen.call_span("generate_image")
    job = seen.collector.one("job generate_image")
    request = seen.collector.one("generate ")
    settling = [span for span in seen.collector.named("state write Journal.settle") if span.parent == job.id]
    reserving = [span for span in seen.collector.named("state write Journal.open") if span.parent == call.id]
    keeping = [span for span in seen.collector.named("state write PictureStore.") if span.parent == request.id]

    assert (call.trace, call.parent, call.kind) == (TRACE, CALLER, "SERVER")
    assert (job.trace, job.parent) == (TRACE, call.id)
    assert (request.trace, request.parent, request.kind) == (TRACE, job.id, "CLIENT")
    assert [len(settling), len(reserving), len(keeping)] == [1, 1, 1]


def test_a_trace_says_who_did_what_with_whom_and_what_it_cost(seen: Seen) -> None:
    job = seen.collector.one("job generate_image")
    request = seen.collector.one("generate ")
    call, told = seen.call_span("generate_image"), seen.answers["made"].text
    figures = re.search(r"cost: (\S+) USD; estimate (\S+) USD \((\S+) to (\S+)\); (job_\w+)", told)
    assert figures is not None, told
    billed, expected, low, high, job_id = figures.groups()

    for span in (job, call):
        assert span.attributes["lightbox.cost.currency"] == "USD"
        assert span.attributes["lightbox.cost.estimate.low"] == float(low)
        assert span.attributes["lightbox.cost.estimate.expected"] == float(expected)
        assert span.attributes["lightbox.cost.estimate.high"] == float(high)
        assert span.attributes["lightbox.cost.billed"] == float(billed)
        assert span.attributes["lightbox.tool"] == "generate_image"
        assert span.attributes["lightbox.owner"] == "token:ada"
        assert span.attributes["gen_ai.provider.name"] == "openai"
        assert span.attributes["gen_ai.request.model"].startswith("gpt-image")
        assert span.attributes["lightbox.job.id"] == job_id
    assert job.attributes["lightbox.job.state"] == "completed"
    assert request.attributes["gen_ai.response.id"]
    assert request.attributes["gen_ai.usage.output_tokens"] > 0
    assert {resource["service.name"] for resource in seen.collector.resources} == {"lightbox"}


def test_a_call_that_fails_is_a_span_that_has_failed(seen: Seen) -> None:
    job = seen.collector.one("job describe_images")
    request = seen.collector.one("describe ")

    assert seen.answers["refused"].failed
    assert job.failed
    assert request.failed
    assert request.attributes["error.type"] == "RequestRejected"


def test_a_call_that_was_paid_for_before_has_no_job_of_its_own(seen: Seen) -> None:
    cached = seen.call_span("search_images", "cached")

    assert not [span for span in seen.collector.named("job ") if span.parent == cached.id]
    assert seen.scraped_value("lightbox_cache_hits_total", tool="search_images", provider="openai") == 1


def test_a_service_is_told_of_no_trace(seen: Seen) -> None:
    assert seen.collector.asked
    for headers in seen.collector.asked:
        assert not {"traceparent", "tracestate", "baggage"} & headers.keys()


def test_a_collector_is_sent_its_own_key(seen: Seen) -> None:
    assert {headers["x-key"] for headers in seen.collector.headers} == {COLLECTOR_KEY}


def test_calls_seconds_money_jobs_and_bytes_can_be_scraped(seen: Seen) -> None:
    made = {"tool": "generate_image", "provider": "openai"}
    billed = re.search(r"cost: (\S+) USD", seen.answers["made"].text)
    assert billed is not None

    assert seen.scraped_as[0] == 200
    assert seen.scraped_as[1].startswith("text/plain")
    assert seen.scraped_value("lightbox_calls_total", **made, outcome="completed") == 1
    assert seen.scraped_value("lightbox_calls_total", tool="view_images", provider="none", outcome="failed") == 1
    assert seen.scraped_value("lightbox_call_duration_seconds_count", **made) == 1
    assert seen.scraped_value("lightbox_call_duration_seconds_sum", **made) > 0
    assert seen.scraped_value("lightbox_money_billed_total", **made, currency="USD") == float(billed[1])
    assert seen.scraped_value("lightbox_money_reserved", **made, currency="USD") == 0
    assert seen.scraped_value("lightbox_jobs_open", **made) == 0
    for way in ("sent", "received", "stored", "fetched"):
        assert seen.scraped_value("lightbox_traffic_bytes_total", way=way) > 0, way


def test_what_a_client_makes_up_is_no_label(seen: Seen) -> None:
    values = {value for _, labels, _ in seen.labelled for value in labels.values()}
    tools = {labels["tool"] for _, labels, _ in seen.labelled if "tool" in labels}

    assert not [value for value in values if "forged" in value]
    assert tools == {"generate_image", "search_images", "describe_images", "view_images", "not-served"}


def test_a_collector_is_told_the_same_metrics_before_the_server_ends(seen: Seen) -> None:
    [(labels, number)] = [
        told for told in seen.collector.metrics["lightbox.calls"] if told[0]["tool"] == "generate_image"
    ]

    assert number == 1
    assert labels["outcome"] == "completed"
    assert {"lightbox.money.billed", "lightbox.call.duration"} <= seen.collector.metrics.keys()


def test_metrics_on_loopback_are_not_given_to_a_browser_under_a_foreign_name(seen: Seen) -> None:
    assert seen.under_foreign_name == 421


def test_each_call_is_one_line_of_the_log_that_says_who_what_how_long_what_it_cost_and_how_it_ended(seen: Seen) -> None:
    told = [(call["tool"], call["outcome"], call.get("how")) for call in seen.calls]
    made = seen.calls[0]

    assert told == [
        ("generate_image", "completed", "new"),
        ("search_images", "completed", "new"),
        ("search_images", "completed", "cached"),
        ("describe_images", "failed", "new"),
        ("view_images", "failed", None),
        ("not-served", "failed", None),
    ]
    assert made["owner"] == "token:ada"
    assert made["seconds"] > 0
    assert made["job"] in seen.answers["made"].text
    assert f"cost: {made['billed']};" in seen.answers["made"].text
    assert made["trace_id"] == TRACE


def test_no_line_of_the_log_can_be_forged(seen: Seen) -> None:
    lines = seen.stderr.splitlines()

    assert not [line for line in lines if line.startswith("2026-01-01")]
    assert all(line.startswith(("{", "Lightbox ")) for line in lines)


def test_neither_a_key_nor_a_token_nor_a_signed_link_nor_a_prompt_is_told_to_anybody(seen: Seen) -> None:
    signed = seen.link.partition("token=")[2]
    everything = {
        "log": seen.stderr.encode(),
        "metrics": seen.scraped.encode(),
        "collector": b"".join(seen.collector.bodies),
    }

    assert "/images/" in seen.stderr  # the link was asked for, and that stands in the log
    assert len(signed) > 50
    for where, told in everything.items():
        for secret in (KEY, TOKEN, COLLECTOR_KEY, signed, PROMPT):
            assert secret.encode() not in told, f"{secret} in {where}"
