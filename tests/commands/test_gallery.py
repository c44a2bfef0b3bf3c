"""`lightbox gallery`: the person's own browser is let in by a link that works once, and no other page is."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import httpx2
import pytest

from forking import warm_start

if TYPE_CHECKING:
    from tests.conftest import MakeSettings, Upstream

    from lightbox.settings import Settings

PATIENCE = 60
PRICED: dict[str, Any] = {"prompt": "a fox", "size": "1024x1024", "quality": "low", "provider": "openai"}


@dataclass
class Visit:
    """A browser at a running gallery."""

    link: str
    process: subprocess.Popen[str]
    http: httpx2.AsyncClient

    @property
    def origin(self) -> str:
        return self.link.partition("/?")[0]

    async def enter(self) -> httpx2.Response:
        return await self.http.get(self.link, follow_redirects=True)

    async def post(self, message: Any, **headers: str) -> httpx2.Response:
        said = {"origin": self.origin, "content-type": "application/json", **headers}
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        kept = {name: value for name, value in said.items() if value}
        return await self.http.post(f"{self.origin}/rpc", content=body, headers=kept)

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return (await self.post({"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters})).json()

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.ask("tools/call", name=tool, arguments=arguments)

    def end(self) -> tuple[int, str, str]:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def running(environment: Mapping[str, str], arguments: Sequence[str]) -> Generator[tuple[str, subprocess.Popen[str]]]:
    """Run the command; gives the link that it prints."""
    command = [*warm_start(), "gallery", *arguments]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            assert process.stdout is not None
            link = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?key=[\w-]{40,}", link), link
            yield link, process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE)


class Visiting(Protocol):
    """Runs a gallery with `more` in its environment, and gives a browser that has not entered yet."""

    def __call__(self, settings: Settings, *arguments: str, **more: str) -> AbstractAsyncContextManager[Visit]: ...


@pytest.fixture
def visiting(environment: Callable[[Settings], dict[str, str]]) -> Visiting:
    @asynccontextmanager
    async def visiting(settings: Settings, *arguments: str, **more: str) -> AsyncGenerator[Visit]:
        with running(environment(settings) | more, arguments or ("--no-open",)) as (link, process):
            async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
                yield Visit(link, process, http)

    return visiting


async def test_the_link_lets_one_browser_in_once_and_keeps_no_key_in_its_history(
    settings: MakeSettings, visiting: Visiting
) -> None:
    async with visiting(settings(provider="sandbox")) as visit:
        early = await visit.http.get(visit.origin)
        wrong = await visit.http.get(f"{visit.origin}/?key=another")
        probe = await visit.http.head(visit.link)
        page = await visit.enter()
        again = await visit.http.get(visit.link, follow_redirects=True)
        async with httpx2.AsyncClient(trust_env=False) as stranger:
            late = await stranger.get(visit.link)
            without = await stranger.post(f"{visit.origin}/rpc", json={}, headers={"origin": visit.origin})
        code, out, err = visit.end()

    assert [answer.status_code for answer in (early, wrong, probe, late, without)] == [403] * 5
    assert "Open the link that `lightbox gallery` printed" in early.text
    assert "This link is not valid" in wrong.text
    assert "This link was used already: each works once" in late.text
    assert "was not let in" in without.json()["error"]["message"]
    assert (page.status_code, again.status_code) == (200, 200)
    assert str(page.url) == f"{visit.origin}/"
    [cookie] = page.history[0].headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert (out, "Traceback" in err) == ("", False)
    assert code in (0, 130, -signal.SIGINT)


async def test_the_page_runs_its_own_script_alone_and_no_other_site_may_frame_it(
    settings: MakeSettings, visiting: Visiting
) -> None:
    async with visiting(settings(provider="sandbox")) as visit:
        first, second = await visit.enter(), await visit.http.get(visit.origin)

    nonces = [re.findall(r"<script[^>]* nonce=\"([^\"]+)\"", page.text) for page in (first, second)]
    policy = first.headers["content-security-policy"]
    assert first.headers["content-type"].startswith("text/html")
    assert nonces[0]
    assert nonces[0] != nonces[1]
    assert f"script-src 'nonce-{nonces[0][0]}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert first.headers["cache-control"] == "no-store"


async def test_a_page_of_somebody_elses_is_refused_although_the_browser_sends_the_cookie(
    settings: MakeSettings, visiting: Visiting
) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    async with visiting(settings(provider="sandbox")) as visit:
        await visit.enter()
        foreign = await visit.post(ping, origin="http://evil.example")
        opaque = await visit.post(ping, origin="null")
        other_port = await visit.post(ping, origin="http://127.0.0.1:1")
        unnamed = await visit.post(ping, origin="")
        site = await visit.post(ping, **{"sec-fetch-site": "same-site"})
        renamed = await visit.http.get(visit.origin, headers={"host": "evil.example"})
        rebound = await visit.post(ping, host="evil.example", origin="http://evil.example")
        form = await visit.post(ping, **{"content-type": "text/plain"})
        own = await visit.post(ping)

    refused = [foreign, opaque, other_port, unnamed, site, renamed, rebound]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert "Another page asked for this" in foreign.json()["error"]["message"]
    assert "under a name that is not its own" in renamed.text
    assert form.status_code == 415
    assert own.json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


async def test_the_page_sees_and_makes_pictures_of_the_persons_own(settings: MakeSettings, visiting: Visiting) -> None:
    async with visiting(settings(provider="sandbox")) as visit:
        await visit.enter()
        tools = (await visit.ask("tools/list"))["result"]["tools"]
        made = (await visit.call("generate_image", prompt="a fox", size="256x256"))["result"]
        [card] = made["_meta"]["lightbox/gallery"]["pictures"]
        listed = (await visit.call("list_images"))["result"]["_meta"]["lightbox/gallery"]
        shown = (await visit.call("gallery_pictures", images=[card["image"]]))["result"]["_meta"]["lightbox/gallery"]
        jobs = (await visit.call("gallery_jobs"))["result"]["_meta"]["lightbox/gallery"]["jobs"]
        read = (await visit.ask("resources/read", uri=f"lightbox://images/{card['image']}"))["result"]["contents"]

    assert {"gallery_pictures", "gallery_jobs", "gallery_spending"} <= {tool["name"] for tool in tools}
    assert Path(card["path"]).is_relative_to(settings(provider="sandbox").image_dir)
    assert [one["image"] for one in listed["pictures"]] == [card["image"]] == jobs[0]["images"]
    assert shown["pictures"][0]["thumbnail"].startswith("data:image/")
    assert read[0]["mimeType"] == "image/png"


async def test_what_is_no_request_is_answered_by_an_error_that_says_what_is_wrong(
    settings: MakeSettings, visiting: Visiting
) -> None:
    async with visiting(settings(provider="sandbox")) as visit:
        await visit.enter()
        broken = (await visit.post(b"{")).json()
        listed = (await visit.post([1])).json()
        unknown = await visit.ask("sampling/createMessage")
        unfit = await visit.ask("tools/call", name=7)
        absent = await visit.ask("resources/read", uri="lightbox://images/img_0000000000")
        unasked = await visit.ask("lightbox/answer", id="nobody", action="accept")
        elsewhere = await visit.http.get(f"{visit.origin}/etc")

    codes = [answer["error"]["code"] for answer in (broken, listed, unknown, unfit, absent, unasked)]
    assert codes == [-32600, -32600, -32601, -32602, -32602, -32602]
    assert "img_0000000000" in absent["error"]["message"]
    assert elsewhere.status_code == 404


async def test_the_person_is_asked_in_the_page_before_a_call_above_the_limit_is_paid(
    settings: MakeSettings, visiting: Visiting, upstream: Upstream
) -> None:
    async with visiting(settings(confirm_above="0.0001 USD")) as visit:
        await visit.enter()
        first = (await visit.call("generate_image", **PRICED))["ask"]
        declined = await visit.ask("lightbox/answer", id=first["id"], action="decline")
        paid_before = upstream.paid
        second = (await visit.call("generate_image", **PRICED))["ask"]
        made = await visit.ask("lightbox/answer", id=second["id"], action="accept")
        twice = await visit.ask("lightbox/answer", id=second["id"], action="accept")

    assert "may cost up to" in first["message"]
    assert declined["result"]["isError"]
    assert "the person declined" in declined["result"]["content"][0]["text"]
    assert paid_before == 0
    assert len(made["result"]["_meta"]["lightbox/gallery"]["pictures"]) == 1
    assert "answered already" in twice["error"]["message"]
    assert upstream.paid == 1


async def test_two_questions_at_once_are_each_answered_for_their_own_call(
    settings: MakeSettings, visiting: Visiting, upstream: Upstream
) -> None:
    replies: dict[str, dict[str, Any]] = {}
    async with visiting(settings(confirm_above="0.0001 USD")) as visit:
        await visit.enter()

        async def one(prompt: str, action: str) -> None:
            asked = (await visit.call("generate_image", **(PRICED | {"prompt": prompt})))["ask"]
            replies[prompt] = await visit.ask("lightbox/answer", id=asked["id"], action=action)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, "a fox", "accept")
            tasks.start_soon(one, "a hare", "decline")

    [card] = replies["a fox"]["result"]["_meta"]["lightbox/gallery"]["pictures"]
    assert card["prompt"] == "a fox"
    assert replies["a hare"]["result"]["isError"]
    assert upstream.paid == 1


async def test_the_browser_is_opened_where_there_is_one(
    settings: MakeSettings, visiting: Visiting, tmp_path: Path
) -> None:
    program, told = tmp_path / "browser", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n')
    program.chmod(0o700)
    opens = visiting(settings(provider="sandbox"), "--port", "0", BROWSER=str(program))
    async with opens as visit:
        with anyio.fail_after(PATIENCE):
            while not told.exists():  # noqa: ASYNC110 - another process writes it
                await anyio.sleep(0.05)

    assert told.read_text().strip() == visit.link
