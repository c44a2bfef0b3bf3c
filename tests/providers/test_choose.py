from __future__ import annotations

import pytest

from lightbox.errors import NoProvider
from lightbox.providers.choose import DIALECTS, choose, missing_keys
from lightbox.providers.dialect import Dialect
from lightbox.vocabulary import Ability

BOTH = ("dashscope", "openai")


def configured(*names: str) -> dict[str, Dialect]:
    return {name: DIALECTS[name] for name in names}


@pytest.mark.parametrize(
    ("ability", "available", "chosen"),
    [
        ("search", BOTH, "dashscope"),
        ("search", ("openai",), "openai"),
        ("similar", BOTH, "dashscope"),
        ("generate", BOTH, "openai"),
        ("edit", BOTH, "openai"),
        ("describe", BOTH, "openai"),
        ("describe", ("dashscope",), "dashscope"),
        ("similar", ("sandbox",), "sandbox"),
        ("generate", ("sandbox",), "sandbox"),
        ("describe", ("sandbox", "dashscope"), "dashscope"),
    ],
)
def test_auto_takes_the_first_that_is_configured_and_able(
    ability: Ability, available: tuple[str, ...], chosen: str
) -> None:
    assert choose(ability, configured(*available)).name == chosen


def test_the_sandbox_does_not_step_in_for_a_service_that_bills() -> None:
    with pytest.raises(NoProvider, match="can make pictures: set OPENAI_API_KEY"):
        choose("generate", configured("dashscope", "sandbox"))
    assert choose("generate", configured("dashscope", "sandbox"), "sandbox").name == "sandbox"


@pytest.mark.parametrize(
    ("ability", "available", "wanted", "text"),
    [
        ("similar", (), "auto", "No configured service can find similar pictures: set DASHSCOPE_API_KEY."),
        (
            "search",
            (),
            "auto",
            "No configured service can search for pictures: set DASHSCOPE_API_KEY or OPENAI_API_KEY.",
        ),
        ("search", ("openai",), "dashscope", "dashscope is not configured: set DASHSCOPE_API_KEY."),
        ("search", ("openai",), "sandbox", "sandbox is not configured: set LIGHTBOX_PROVIDER=sandbox."),
        (
            "generate",
            BOTH,
            "dashscope",
            "dashscope can't make pictures: leave provider out, or set OPENAI_API_KEY.",
        ),
        ("search", BOTH, "bing", "There is no provider 'bing': it is one of dashscope, openai, sandbox, or auto."),
    ],
)
def test_nobody_to_do_it_names_the_key_to_set(
    ability: Ability, available: tuple[str, ...], wanted: str, text: str
) -> None:
    with pytest.raises(NoProvider) as error:
        choose(ability, configured(*available), wanted)
    assert str(error.value) == text


def test_the_keys_that_bring_an_ability_are_named() -> None:
    assert missing_keys("describe") == ("OPENAI_API_KEY", "DASHSCOPE_API_KEY")
