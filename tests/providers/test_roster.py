from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import pytest

from lightbox.errors import BadInput, NoProvider, SettingsError
from lightbox.providers.dashscope import DASHSCOPE_URL
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.openai import OPENAI_URL
from lightbox.providers.roster import PROVIDERS, choose, configured, missing_keys
from lightbox.settings import Settings
from lightbox.vocabulary import Ability, ProviderName

BOTH = ("dashscope", "openai")
KEYS: dict[str, Any] = {"dashscope_api_key": "sk-0123456789", "openai_api_key": "sk-9876543210"}


@pytest.fixture(autouse=True)
def _no_keys_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        for name in (field.upper(), f"LIGHTBOX_{field.upper()}"):
            monkeypatch.delenv(name, raising=False)


def given(**settings: Any) -> Settings:
    return Settings(**settings)


def available(*names: str) -> Mapping[str, Endpoint]:
    return {name: PROVIDERS[name].keyless for name in names}


def chosen(
    ability: Ability, names: tuple[str, ...], wanted: str = "auto", *, for_price: bool = False, **settings: Any
) -> str:
    return choose(ability, given(**settings), available(*names), wanted, for_price=for_price).provider


@pytest.mark.parametrize(
    ("ability", "names", "expected"),
    [
        ("search", BOTH, "dashscope"),
        ("search", ("openai",), "openai"),
        ("similar", BOTH, "dashscope"),
        ("generate", BOTH, "openai"),
        ("edit", BOTH, "openai"),
        ("generate", ("dashscope",), "dashscope"),
        ("edit", ("dashscope",), "dashscope"),
        ("describe", BOTH, "openai"),
        ("describe", ("dashscope",), "dashscope"),
        ("similar", ("sandbox",), "sandbox"),
        ("generate", ("sandbox",), "sandbox"),
        ("describe", ("sandbox", "dashscope"), "dashscope"),
    ],
)
def test_auto_takes_the_first_that_is_configured_and_able(
    ability: Ability, names: tuple[str, ...], expected: str
) -> None:
    assert chosen(ability, names) == expected


def test_the_sandbox_does_not_step_in_for_a_service_that_bills() -> None:
    with pytest.raises(NoProvider, match="can find similar pictures: set DASHSCOPE_API_KEY"):
        chosen("similar", ("openai", "sandbox"))
    assert chosen("similar", ("openai", "sandbox"), "sandbox") == "sandbox"


@pytest.mark.parametrize(
    ("ability", "settings", "expected"),
    [
        ("search", {"search_provider": "openai"}, "openai"),
        ("similar", {"search_provider": "openai"}, "dashscope"),
        ("similar", {"provider": "openai"}, "dashscope"),
        ("generate", {"generate_provider": "dashscope"}, "dashscope"),
        ("edit", {"generate_provider": "dashscope"}, "dashscope"),
        ("edit", {"provider": "dashscope"}, "dashscope"),
        ("describe", {"describe_provider": "dashscope"}, "dashscope"),
        ("describe", {"describe_provider": "dashscope", "provider": "openai"}, "dashscope"),
        ("describe", {"describe_provider": "auto", "provider": "dashscope"}, "openai"),
        ("search", {"provider": "openai"}, "openai"),
        ("search", {"search_provider": "dashscope", "provider": "openai"}, "dashscope"),
        ("generate", {"search_provider": "dashscope", "provider": "auto"}, "openai"),
        ("similar", {"search_provider": "openai", "provider": "sandbox"}, "sandbox"),
    ],
)
def test_a_provider_that_a_setting_names_is_looked_past_where_it_is_not_able(
    ability: Ability, settings: dict[str, Any], expected: str
) -> None:
    assert chosen(ability, (*BOTH, "sandbox"), **settings) == expected


def test_a_provider_that_the_call_names_goes_before_the_settings() -> None:
    assert chosen("search", BOTH, "openai", search_provider="dashscope") == "openai"


def test_a_setting_that_names_a_provider_without_a_key_says_which_to_set() -> None:
    with pytest.raises(NoProvider, match=r"^openai is not configured: set OPENAI_API_KEY\.$"):
        chosen("search", ("dashscope",), search_provider="openai")


def test_where_a_setting_is_looked_past_and_nobody_can_the_key_is_named() -> None:
    with pytest.raises(NoProvider, match="No configured service can find similar pictures: set DASHSCOPE_API_KEY"):
        chosen("similar", ("openai",), provider="openai")


def test_a_price_may_be_asked_of_a_provider_without_its_key() -> None:
    assert chosen("generate", ("sandbox",), "openai", for_price=True) == "openai"
    assert chosen("search", ("sandbox",), for_price=True, search_provider="dashscope") == "dashscope"
    assert chosen("generate", ("sandbox",), for_price=True) == "sandbox"
    with pytest.raises(NoProvider, match="openai can't find similar pictures"):
        chosen("similar", ("sandbox",), "openai", for_price=True)


@pytest.mark.parametrize(
    ("ability", "names", "wanted", "text"),
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
            "similar",
            BOTH,
            "openai",
            "openai can't find similar pictures: leave provider out, or set DASHSCOPE_API_KEY.",
        ),
        (
            "search",
            BOTH,
            "bing",
            "There is no provider 'bing': it is one of dashscope, openai, openrouter, sandbox, or auto.",
        ),
    ],
)
def test_nobody_to_do_it_names_the_key_to_set(ability: Ability, names: tuple[str, ...], wanted: str, text: str) -> None:
    with pytest.raises(NoProvider) as error:
        chosen(ability, names, wanted)
    assert str(error.value) == text


def lacks(**told: str) -> Callable[[str], str | None]:
    return told.get


def test_auto_looks_past_a_provider_that_lacks_what_the_call_asks_for() -> None:
    found = choose("edit", given(), available(*BOTH), lacking=lacks(openai="x takes no hats"))
    assert found.provider == "dashscope"


def test_a_provider_that_a_setting_names_is_looked_past_where_it_lacks_something() -> None:
    wanted = given(generate_provider="dashscope")
    assert choose("edit", wanted, available(*BOTH), lacking=lacks(dashscope="no mask")).provider == "openai"


def test_a_provider_that_the_call_names_is_taken_whatever_it_lacks() -> None:
    found = choose("edit", given(), available(*BOTH), "dashscope", lacking=lacks(dashscope="no mask"))
    assert found.provider == "dashscope"


def test_where_nobody_has_what_the_call_asks_for_it_is_said_what_each_lacks() -> None:
    lacking = lacks(openai="no hats", dashscope="no mask", openrouter="no mask")
    with pytest.raises(BadInput) as error:
        choose("edit", given(), available(*BOTH), lacking=lacking)
    assert str(error.value) == "openai: no hats; dashscope: no mask. Nothing was sent."


def test_a_key_that_would_bring_what_is_lacking_is_named() -> None:
    with pytest.raises(BadInput, match=r"^no mask; or set OPENAI_API_KEY"):
        choose("edit", given(), available("dashscope"), lacking=lacks(dashscope="no mask"))


def test_the_keys_that_bring_an_ability_are_named() -> None:
    assert missing_keys("describe") == ("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "OPENROUTER_API_KEY")


def test_every_provider_that_users_can_name_has_its_row() -> None:
    assert tuple(PROVIDERS) == get_args(ProviderName)
    assert all(row.keyless.provider == name == row.name for name, row in PROVIDERS.items())


def test_a_provider_is_where_the_settings_say_and_elsewhere_only_as_they_say() -> None:
    assert given().openai_base_url == OPENAI_URL
    assert given().dashscope_base_url == DASHSCOPE_URL
    found = configured(given(**KEYS, dashscope_base_url="https://dashscope.aliyuncs.com"))
    assert {name: endpoint.host for name, endpoint in found.items()} == {
        "dashscope": "dashscope.aliyuncs.com",
        "openai": "api.openai.com",
    }
    with pytest.raises(SettingsError, match=r"^DASHSCOPE_BASE_URL 'x' is not an http"):
        configured(given(**KEYS, dashscope_base_url="x"))


def test_a_service_on_this_machine_is_sent_pictures_instead_of_addresses() -> None:
    openai = PROVIDERS["openai"]
    assert openai.fetches_for(openai.keyless)
    assert not openai.fetches_for(Endpoint(provider="openai", base_url="http://127.0.0.1:8080/v1"))
    assert not PROVIDERS["sandbox"].fetches_for(Endpoint(provider="sandbox", base_url="https://sandbox.example.com/v1"))
