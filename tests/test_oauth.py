"""Access tokens of an issuer: which are taken, for whom, and what happens while the issuer is away."""

from __future__ import annotations

import base64
import json
import logging
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx2
import jwt
import pytest
from mcp import Client

from issuing import PLACES, RESOURCE, RunningIssuer, running_issuer
from lightbox.errors import IssuerUnreachable
from lightbox.http.issuer import AGAIN_SECONDS, FRESH_SECONDS, Issuer, metadata_addresses

if TYPE_CHECKING:
    from conftest import Ask, Connect, LetIn, MakeSettings, ServeHTTP

METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT")
METADATA_PATHS = ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp")


@pytest.fixture(scope="module")
def one_issuer() -> Iterator[RunningIssuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(one_issuer: RunningIssuer) -> RunningIssuer:
    one_issuer.__dict__ |= RunningIssuer(url=one_issuer.url).__dict__
    one_issuer.rotate("ec-1")
    return one_issuer


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def checking(issuer: RunningIssuer, clock: Clock) -> Issuer:
    return Issuer(issuer.url, RESOURCE, clock)


@pytest.mark.parametrize("place", PLACES)
async def test_a_good_token_names_its_caller_whichever_metadata_the_issuer_publishes(
    issuer: RunningIssuer, checking: Issuer, place: str
) -> None:
    issuer.place = place
    caller = await checking.verify(issuer.token(client_id="a-client"))

    assert caller is not None
    assert (caller.subject, caller.client_id, caller.resource) == ("ada", "a-client", RESOURCE)
    assert "lightbox" in caller.scopes
    assert caller.owner.startswith("oauth:")
    assert len(caller.owner) <= 64


async def test_a_renewed_token_is_the_same_caller_and_another_subject_is_another(
    issuer: RunningIssuer, checking: Issuer
) -> None:
    tokens = [issuer.token(), issuer.token(exp=int(time.time()) + 999, client_id="b"), issuer.token(sub="bob")]
    first, renewed, other = [await checking.verify(token) for token in tokens]

    assert first is not None
    assert renewed is not None
    assert other is not None
    assert first.owner == renewed.owner != other.owner


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "RS512"])
async def test_an_rsa_key_without_an_algorithm_of_its_own_may_sign_as_rsa_keys_do(
    issuer: RunningIssuer, checking: Issuer, algorithm: str
) -> None:
    issuer.rotate("rsa-1")

    assert await checking.verify(issuer.token("rsa-1", algorithm=algorithm)) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://another.example.com/mcp"},
        {"aud": None},
        {"aud": "https://pictures.example.com"},
        {"iss": "https://login.example.com"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"sub": None},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)
async def test_a_token_that_is_not_good_is_nobody_s(
    issuer: RunningIssuer, checking: Issuer, wrong: dict[str, Any]
) -> None:
    assert await checking.verify(issuer.token(**wrong)) is None


async def test_one_of_several_audiences_is_enough(issuer: RunningIssuer, checking: Issuer) -> None:
    assert await checking.verify(issuer.token(aud=["https://another.example.com", f"{RESOURCE}/"])) is not None


async def test_a_token_that_anybody_could_have_made_is_nobody_s(issuer: RunningIssuer, checking: Issuer) -> None:
    good = issuer.token()
    header, claims, signature = good.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "ec-1"}).encode()).decode().rstrip("=")
    forged = [
        f"{none}.{claims}.",
        f"{none}.{claims}.{signature}",
        f"{header}.{claims}.{signature[:-4]}AAAA",
        # with what the issuer publishes for a secret
        jwt.encode({"iss": issuer.url, "aud": RESOURCE, "sub": "ada"}, "x" * 64, "HS256", headers={"kid": "ec-1"}),
        "",
        "a.b.c",
        good.replace(".", ""),
        f"{good}.{signature}",
    ]
    issuer.rotate("ec-1")  # the same name, another key
    forged.append(good)

    assert [await checking.verify(token) for token in forged] == [None] * len(forged)


async def test_a_symmetric_key_is_never_used_even_where_the_issuer_publishes_it(
    issuer: RunningIssuer, checking: Issuer
) -> None:
    secret = b"k" * 64
    published = base64.urlsafe_b64encode(secret).decode()
    issuer.more_keys = [{"kty": "oct", "kid": "shared", "k": published, "alg": "HS256"}, {"kty": "EC"}, "key", None]
    claims = {"iss": issuer.url, "aud": RESOURCE, "sub": "ada", "exp": 4_000_000_000}

    assert await checking.verify(jwt.encode(claims, secret, "HS256", {"kid": "shared"})) is None
    assert await checking.verify(issuer.token()) is not None


async def test_a_new_key_is_fetched_when_it_is_first_seen(
    issuer: RunningIssuer, checking: Issuer, clock: Clock
) -> None:
    assert await checking.verify(issuer.token())
    issuer.rotate("ec-1", "ec-2")
    clock.now += AGAIN_SECONDS

    assert await checking.verify(issuer.token("ec-2"))


async def test_tokens_with_keys_that_nobody_knows_do_not_set_the_issuer_s_pace(
    issuer: RunningIssuer, checking: Issuer, clock: Clock
) -> None:
    assert await checking.verify(issuer.token())
    asked = len(issuer.asked)
    for number in range(50):
        assert await checking.verify(issuer.token(headers={"kid": f"stranger-{number}"})) is None
    soon = len(issuer.asked)
    clock.now += AGAIN_SECONDS
    for number in range(50):
        assert await checking.verify(issuer.token(headers={"kid": f"stranger-{number}"})) is None

    assert soon == asked
    assert len(issuer.asked) == asked + asked


async def test_a_key_that_the_issuer_took_back_opens_nothing_after_an_hour(
    issuer: RunningIssuer, checking: Issuer, clock: Clock
) -> None:
    token = issuer.token()
    assert await checking.verify(token)
    issuer.rotate("ec-2")
    clock.now += FRESH_SECONDS

    assert await checking.verify(token) is None


async def test_known_keys_go_on_while_the_issuer_is_down(
    issuer: RunningIssuer, checking: Issuer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    token = issuer.token()
    assert await checking.verify(token)
    issuer.status = 500
    clock.now += FRESH_SECONDS

    assert await checking.verify(token)
    assert "Its known keys go on" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"status": 500}, "publishes no metadata"),
        ({"place": "/nowhere"}, "publishes no metadata"),
        ({"metadata": {"issuer": "https://login.example.com/"}}, "calls itself https://login.example.com/"),
        ({"metadata": {"jwks_uri": None}}, "no https address of its keys"),
        ({"metadata": {"jwks_uri": "nowhere"}}, "can't be reached"),
        ({"keys": {}}, "no key that can be used"),
        ({"padding": 600_000}, "more than 512,000 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_issuer_that_does_not_say_what_issuers_say_lets_nobody_in_and_the_reason_is_told(
    issuer: RunningIssuer, checking: Issuer, wrong: dict[str, Any], why: str
) -> None:
    token = issuer.token()
    issuer.__dict__ |= wrong
    with pytest.raises(IssuerUnreachable, match="nobody can be let in"):
        await checking.verify(token)
    with pytest.raises(IssuerUnreachable, match=why):
        await checking.fetch()


async def test_a_clock_that_is_off_is_told_of(
    issuer: RunningIssuer, checking: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.date_ahead = 600
    token = issuer.token(nbf=int(time.time()) + 600)

    assert await checking.verify(token) is None
    assert re.search(r"\b(599|600) s behind the issuer's", caplog.text)
    assert "from the future" in caplog.text


def test_metadata_is_looked_for_where_both_standards_put_it() -> None:
    assert metadata_addresses("https://login.example.com/realms/team") == [
        "https://login.example.com/.well-known/oauth-authorization-server/realms/team",
        "https://login.example.com/.well-known/openid-configuration/realms/team",
        "https://login.example.com/realms/team/.well-known/openid-configuration",
    ]


async def test_whoever_has_no_good_token_is_told_on_every_method_where_to_get_one(
    issuer: RunningIssuer, settings: MakeSettings, serve_http: ServeHTTP, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = settings(oauth_issuer=issuer.url, public_url=RESOURCE)
    bad = issuer.token(aud="https://another.example.com")
    async with serve_http(made) as url, httpx2.AsyncClient(trust_env=False) as web:
        answers = [
            await web.request(method, f"{url}/mcp", headers={"Authorization": f"Bearer {token}"} if token else {})
            for method in METHODS
            for token in ("", bad)
        ]
        described = [await web.get(f"{url}{path}") for path in METADATA_PATHS]
        narrow = await web.post(
            f"{url}/mcp", headers={"Authorization": f"Bearer {issuer.token(scope='openid')}"}, json={}
        )
        preflight = await web.options(
            f"{url}/mcp",
            headers={
                "Origin": "http://localhost:6274",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization",
            },
        )
        page = await web.post(f"{url}/mcp", headers={"Origin": "http://localhost:6274"})
        health = await web.get(f"{url}/health")

    assert [answer.status_code for answer in answers] == [401] * len(answers)
    named = 'resource_metadata="https://pictures.example.com/.well-known/oauth-protected-resource/mcp"'
    assert all(named in answer.headers["www-authenticate"] for answer in answers)
    for answer in described:
        assert answer.json()["resource"] == RESOURCE
        assert answer.json()["authorization_servers"] == [issuer.url]
        assert answer.json()["scopes_supported"] == ["lightbox"]
    assert (narrow.status_code, narrow.json()["error"]) == (403, "insufficient_scope")
    assert preflight.status_code == 200
    assert "www-authenticate" in page.headers["access-control-expose-headers"].lower()
    assert health.status_code == 200
    assert bad not in caplog.text


async def test_a_client_with_a_token_of_either_kind_works(
    connect: Connect,
    ask: Ask,
    issuer: RunningIssuer,
    settings: MakeSettings,
    serve_http: ServeHTTP,
    let_in: LetIn,
) -> None:
    made = settings(oauth_issuer=issuer.url, public_url=RESOURCE, tokens=let_in("alice"))
    async with serve_http(made) as url:
        async with connect(made, "http", url=url, token=issuer.token()) as ada:
            found = await ask(ada, "search_images", query="a fox")
        async with connect(made, "http", url=url, token=issuer.token(scope=None, scp=["lightbox"])) as renewed:
            again = await ask(renewed, "view_images", images=found.handles[:1])
        async with connect(made, "http", url=url, token="alice") as alice:  # noqa: S106 - a name
            hers = await ask(alice, "view_images", images=found.handles[:1])
            made_by_her = await ask(alice, "generate_image", prompt="a fox", model="unknown", size="256x256")

    assert not found.failed
    assert not again.failed
    assert hers.failed
    assert "link: https://pictures.example.com/images/img_" in made_by_her.text


async def test_while_no_key_was_ever_had_the_answer_is_to_come_again(
    issuer: RunningIssuer, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn, connect: Connect
) -> None:
    issuer.status = 500
    made = settings(oauth_issuer=issuer.url, public_url=RESOURCE, tokens=let_in("alice"))
    async with serve_http(made) as url, httpx2.AsyncClient(trust_env=False) as web:
        answer = await web.post(f"{url}/mcp", headers={"Authorization": f"Bearer {issuer.token()}"}, json={})
        nobody = await web.post(f"{url}/mcp", headers={"Authorization": "Bearer nobody"}, json={})
        async with connect(made, "http", url=url, token="alice") as alice:  # noqa: S106 - a name
            assert isinstance(alice, Client)
            listed = await alice.list_tools()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "issuer of access tokens can't be reached" in answer.text
    assert nobody.status_code == 401
    assert listed.tools
