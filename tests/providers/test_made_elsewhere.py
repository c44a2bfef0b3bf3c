"""A made picture that a service names by its address: paid once, fetched, and fetched again where that helps."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from pydantic import SecretStr

from lightbox.errors import FetchFailed
from lightbox.images.fetch import Fetcher, NotNow

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings

    from conftest import Service
    from lightbox.settings import Settings

KEYS = {"openai": "sk-proj-of-a-test", "dashscope": "sk-of-a-test", "openrouter": "sk-or-v1-of-a-test"}
PAID = {"openai": Decimal("0.0059"), "dashscope": Decimal("0.035"), "openrouter": Decimal("0.0712")}
"""What the service says that it costs, or what its count comes to; USD."""
MODELS = {"openai": "gpt-image-2", "dashscope": "qwen-image-2.0", "openrouter": "google/gemini-3.1-flash-image"}
EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"


def picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (512, 512), "teal").save(drawn, "PNG")
    return drawn.getvalue()


def made_at(provider: str, address: str) -> dict[str, Any]:
    """Give the answer of a service that names its picture by the address."""
    if provider == "dashscope":
        content = [{"image": address}]
        usage = {"width": 512, "height": 512, "image_count": 1}
        return {"output": {"choices": [{"message": {"content": content}}]}, "usage": usage, "request_id": "r-1"}
    item: dict[str, Any] = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": address}
    if provider == "openrouter":
        item = {"type": "openrouter:image_generation", "id": "ig_1", "status": "completed", "imageUrl": address}
    usage = {"input_tokens": 400, "output_tokens": 60, "total_tokens": 460}
    painted = {"input_tokens": 14, "output_tokens": 196, "input_tokens_details": {"image_tokens": 0, "text_tokens": 14}}
    own = {"cost": 0.0712} if provider == "openrouter" else {}
    told = {"usage": usage | own, "tool_usage": {"image_gen": painted}}
    return {"id": "resp_1", "object": "response", "status": "completed", "output": [item], **told}


@pytest.fixture
def before(settings: MakeSettings, service: Service, prices: Any) -> Any:
    """Give the settings that lead a provider's calls to the service, whose pictures may be fetched."""

    def make(provider: str) -> Settings:
        own = {f"{provider}_api_key": SecretStr(KEYS[provider]), f"{provider}_base_url": service.url}
        return settings(**own, prices=prices, fetch_allow=(f"127.0.0.1:{service.port}",), previews="off")

    return make


def answers(service: Service, provider: str, *steps: bytes) -> None:
    """Have a call answered with an address, and that address with each of these, one after another."""
    address = f"http://127.0.0.1:{service.port}/made/1.png?Expires=1795300000&Signature=x"
    service.answer(service.body(made_at(provider, address)))
    for step in steps:
        service.answer(step)


def billed(text: str) -> Decimal:
    found = re.search(r"cost: ([0-9.]+) USD", text)
    assert found, text
    return Decimal(found[1])


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("provider", KEYS)
async def test_an_expired_address_is_told_as_paid_and_neither_fetched_nor_paid_again(
    service: Service, connect: Connect, before: Any, ask: Ask, provider: str, status: int
) -> None:
    answers(service, provider, service.body(EXPIRED, status))
    async with connect(before(provider)) as client:
        arguments = {"prompt": "a red fox", "provider": provider, "model": MODELS[provider], "size": "1:1"}
        answer = await ask(client, "generate_image", **arguments)
        [total] = (await ask(client, "get_spending")).listed["totals"]

    assert answer.failed, answer.text
    for words in ("The picture was made, but", "/made/1.png", f"({status})", "Such addresses expire", "view_images"):
        assert words in answer.text
    assert "The same call again makes another one, and is paid again" in answer.text
    assert billed(answer.text) == Decimal(total["billed"]) >= PAID[provider]
    assert [asked.method for asked in service.asked] == ["POST", "GET"]


@pytest.mark.parametrize("passing", ["busy", "broken off"])
@pytest.mark.parametrize("provider", KEYS)
async def test_a_made_picture_whose_host_is_busy_is_fetched_again_and_paid_once(
    service: Service, connect: Connect, before: Any, ask: Ask, provider: str, passing: str
) -> None:
    whole = service.head(200, "image/png", Content_Length=len(picture())) + picture()
    answers(service, provider, service.body(b"", 503) if passing == "busy" else whole[:-40], whole)
    async with connect(before(provider)) as client:
        arguments = {"prompt": "a red fox", "provider": provider, "model": MODELS[provider], "size": "1:1"}
        answer = await ask(client, "generate_image", **arguments)

    assert not answer.failed, answer.text
    assert answer.handles
    assert billed(answer.text) >= PAID[provider]
    assert [asked.method for asked in service.asked] == ["POST", "GET", "GET"]


@pytest.mark.parametrize(("status", "tries"), [(503, 3), (429, 3), (404, 1), (403, 1)])
async def test_an_address_is_tried_again_only_so_often_and_only_where_that_may_help(
    service: Service, status: int, tries: int
) -> None:
    service.answer(service.body(b"{}", status))
    async with Fetcher(allow=(f"127.0.0.1:{service.port}",)) as fetcher:
        with pytest.raises(NotNow if tries > 1 else FetchFailed, match=str(status)):
            await fetcher.fetch(f"http://127.0.0.1:{service.port}/made/1.png", pauses=(0.01, 0.02))
    assert len(service.asked) == tries


async def test_a_picture_that_others_name_is_fetched_once(
    service: Service, connect: Connect, before: Any, ask: Ask
) -> None:
    service.answer(service.body(json.dumps({}).encode(), 503))
    async with connect(before("openai")) as client:
        answer = await ask(client, "view_images", images=[f"http://127.0.0.1:{service.port}/a.png"])
    assert answer.failed
    assert len(service.asked) == 1
