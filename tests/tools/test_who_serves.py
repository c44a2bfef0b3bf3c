"""A setting that names a service leaves to others what that service can't do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ask, Connect, MakeSettings, Upstream

SMALL = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}


@pytest.mark.parametrize(
    ("named", "who"),
    [
        (
            {"search_provider": "openai"},
            {"find_similar_images": "dashscope", "search_images": "openai", "describe_images": "openai"},
        ),
        (
            {"provider": "openai"},
            {"find_similar_images": "dashscope", "search_images": "openai", "describe_images": "openai"},
        ),
        ({"provider": "dashscope"}, {"generate_image": "openai", "describe_images": "dashscope"}),
        ({"generate_provider": "dashscope"}, {"generate_image": "openai", "describe_images": "openai"}),
        ({"generate_provider": "openai"}, {"describe_images": "openai", "search_images": "dashscope"}),
        ({"describe_provider": "dashscope"}, {"describe_images": "dashscope", "generate_image": "openai"}),
    ],
    ids=lambda value: "+".join(f"{name}={told}" for name, told in value.items() if name.endswith("provider")),
)
async def test_who_can_do_it_serves_where_the_named_service_can_not(
    connect: Connect,
    settings: MakeSettings,
    upstream: Upstream,
    ask: Ask,
    photo: Path,
    named: dict[str, Any],
    who: dict[str, str],
) -> None:
    calls: dict[str, dict[str, Any]] = {
        "find_similar_images": {"image": str(photo), "count": 2},
        "search_images": {"query": "a red fox", "count": 2},
        "describe_images": {"images": [str(photo)]},
        "generate_image": SMALL,
    }
    wanted = settings(**named, read_dirs=(photo.parent,))
    answered: dict[str, str] = {}
    async with connect(wanted) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        for tool in who:
            upstream.forget()
            answer = await ask(client, tool, **calls[tool])
            assert not answer.failed, answer.text
            [path] = {seen["path"] for seen in upstream.seen()["requests"] if seen["method"] == "POST"}
            answered[tool] = "dashscope" if "compatible-mode" in path else "openai"
            assert f"{answered[tool]}, " in answer.text

    assert answered == who
    assert set(calls) <= listed
