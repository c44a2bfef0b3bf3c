"""Who is let in where: nobody unknown beyond loopback, and whom a proxy in front has named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from lightbox.errors import SettingsError
from lightbox.http.application import http_app

if TYPE_CHECKING:
    from conftest import Ask, Connect, LetIn, MakeSettings, ServeHTTP

HEADER = "X-Forwarded-User"
PUBLIC = "https://pictures.example.com/mcp"
ISSUER = "https://login.example.com"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "pictures.local", "fd00::5"])  # noqa: S104 - the case
def test_beyond_loopback_nobody_is_served_who_is_not_known(settings: MakeSettings, let_in: LetIn, host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        http_app(settings(), host, 8000)

    for way in ("LIGHTBOX_TOKENS", "lightbox token add NAME", "LIGHTBOX_OAUTH_ISSUER", "LIGHTBOX_TRUST_PROXY"):
        assert way in str(refused.value)
    assert http_app(settings(tokens=let_in("alice")), host, 8000)
    assert http_app(settings(trust_proxy=HEADER), host, 8000)
    assert http_app(settings(oauth_issuer=ISSUER, public_url=PUBLIC), host, 8000)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "0:0:0:0:0:0:0:1", "localhost"])
def test_on_loopback_nothing_has_to_be_set(settings: MakeSettings, host: str) -> None:
    assert http_app(settings(), host, 8000)


@pytest.mark.parametrize("reached", [{"http_hosts": ("pictures.example.com",)}, {"public_url": PUBLIC}], ids=str)
def test_a_server_on_loopback_that_others_are_told_to_reach_warns_that_it_asks_nobody_who_they_are(
    settings: MakeSettings, let_in: LetIn, caplog: pytest.LogCaptureFixture, reached: dict[str, Any]
) -> None:
    http_app(settings(**reached, tokens=let_in("alice")), "127.0.0.1", 8000)
    quiet = caplog.text
    http_app(settings(**reached), "127.0.0.1", 8000)

    assert quiet == ""
    assert "spend your keys" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"oauth_issuer": ISSUER}, "without LIGHTBOX_PUBLIC_URL"),
        ({"oauth_issuer": "login.example.com", "public_url": PUBLIC}, "LIGHTBOX_OAUTH_ISSUER 'login.example.com'"),
        ({"oauth_issuer": "http://login.example.com", "public_url": PUBLIC}, "is not encrypted"),
        ({"oauth_issuer": ISSUER, "public_url": "https://pictures.example.com"}, "does not end with /mcp"),
        ({"public_url": "http://pictures.example.com/mcp"}, "is not encrypted"),
        ({"public_url": "https://a:b@pictures.example.com/mcp"}, "is not an address"),
        ({"trust_proxy": "X User"}, "is not the name of a header"),
        ({"trust_proxy": HEADER, "oauth_issuer": ISSUER, "public_url": PUBLIC}, "Leave one of them out"),
    ],
    ids=str,
)
def test_settings_that_can_not_work_together_are_an_error_at_the_start(
    settings: MakeSettings, wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        http_app(settings(**wrong), "127.0.0.1", 8000)

    assert told in str(refused.value)


async def test_on_loopback_all_callers_are_one_whatever_token_they_send(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    made = settings()
    async with serve_http(made) as url:
        async with connect(made, "http", url=url, token="fresh") as first:  # noqa: S106 - made up
            found = await ask(first, "search_images", query="a fox")
        async with connect(made, "http", url=url) as second:
            seen = await ask(second, "view_images", images=found.handles[:1])

    assert not seen.failed


async def test_a_proxy_names_the_caller_and_without_a_name_nobody_is_let_in(
    ask: Ask, settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    made = settings(trust_proxy=HEADER, public_url=PUBLIC)
    answers: list[httpx2.Response] = []
    async with serve_http(made) as url:
        async with httpx2.AsyncClient(trust_env=False) as web:
            for named in ([], [""], ["ada", "bob"], ["x" * 201]):
                headers = [(HEADER, name) for name in named]
                answers.append(await web.post(f"{url}/mcp", headers=headers, json={}))
            by_public_name = await web.get(f"{url}/mcp", headers={"Host": "pictures.example.com"})
            health = await web.get(f"{url}/health")
        hers = await _asked(ask, url, "ada", "search_images", query="a fox")
        again = await _asked(ask, url, "ada", "view_images", images=hers.handles[:1])
        his = await _asked(ask, url, "bob", "view_images", images=hers.handles[:1])

    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert all(HEADER in answer.text and "www-authenticate" in answer.headers for answer in answers)
    assert by_public_name.status_code == 401
    assert health.status_code == 200
    assert not again.failed
    assert his.failed
    assert "No picture is known here" in his.text


async def _asked(ask: Ask, url: str, name: str, tool: str, **arguments: Any) -> Any:
    async with (
        httpx2.AsyncClient(trust_env=False, headers={HEADER: name}, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        return await ask(client, tool, **arguments)
