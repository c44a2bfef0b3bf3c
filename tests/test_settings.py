"""Settings: where they come from, which one wins, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lightbox.configuration import configuration_path, default_file
from lightbox.errors import LightboxError, SettingsError
from lightbox.providers.roster import choose, configured
from lightbox.settings import Settings, environment_name, load, read_dirs
from lightbox.vocabulary import Ability

KEY = "sk-a-very-secret-key-0123456789"


@pytest.fixture(autouse=True)
def no_file_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lightbox.toml"


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("wait_seconds = 1\nmax_result_bytes = 30000\ncache_seconds = 7\n")
    monkeypatch.setenv("LIGHTBOX_WAIT_SECONDS", "2")
    monkeypatch.setenv("LIGHTBOX_MAX_RESULT_BYTES", "40000")

    settings = load(file, wait_seconds=3)

    assert (settings.wait_seconds, settings.max_result_bytes, settings.cache_seconds) == (3, 40_000, 7)


def test_the_file_in_the_users_configuration_folder_is_read_when_none_is_named() -> None:
    default_file().parent.mkdir(parents=True)
    default_file().write_text("wait_seconds = 5\n")

    assert load().wait_seconds == 5


def test_without_anything_the_defaults_are_those_of_the_design() -> None:
    settings = load()

    assert settings.wait_seconds == 40
    assert settings.max_result_bytes == 600_000
    assert settings.cache_seconds == 3_600
    assert settings.provider == "auto"
    assert settings.openai_store is True
    assert settings.budget == ()


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "LIGHTBOX_OPENAI_API_KEY"])
def test_the_services_own_names_work_and_ours_too(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, KEY)

    assert load().openai_api_key == SecretStr(KEY)


def test_a_key_may_stand_in_the_file(file: Path) -> None:
    file.write_text(f'openai_api_key = "{KEY}"\n')

    assert load(file).keys == (KEY,)


@pytest.mark.parametrize(
    ("written", "region"), [("mainland", "mainland"), (" Beijing", "mainland"), ("ap-southeast-1", "international")]
)
def test_a_region_may_be_written_as_its_place(monkeypatch: pytest.MonkeyPatch, written: str, region: str) -> None:
    monkeypatch.setenv("DASHSCOPE_REGION", written)
    assert load().dashscope_region == region


def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("LIGHTBOX_BUDGET", "")

    assert load().openai_api_key is None
    assert load().budget == ()


def test_lists_are_written_with_commas_and_folders_as_a_path_list(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIGHTBOX_BUDGET", "5 USD/day, 2 CNY/hour")
    monkeypatch.setenv("LIGHTBOX_FETCH_ALLOW", "10.0.0.1:80,localhost:8080")
    monkeypatch.setenv("LIGHTBOX_READ_DIRS", f"{tmp_path}/a:{tmp_path}/b c")

    settings = load()

    assert settings.budget == ("5 USD/day", "2 CNY/hour")
    assert settings.fetch_allow == ("10.0.0.1:80", "localhost:8080")
    assert settings.read_dirs == (tmp_path / "a", tmp_path / "b c")


def test_lists_in_the_file_are_lists(file: Path, tmp_path: Path) -> None:
    file.write_text(f'budget = ["5 USD/day"]\nread_dirs = ["{tmp_path}"]\n')

    assert load(file).budget == ("5 USD/day",)
    assert load(file).read_dirs == (tmp_path,)


@pytest.mark.parametrize("home", ["~/Pictures/made", "$HOME"])
def test_a_tilde_is_the_persons_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LIGHTBOX_IMAGE_DIR", home)

    expected = tmp_path / "Pictures/made" if home.startswith("~") else Path("$HOME")
    assert load().image_dir == expected


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LIGHTBOX_WAIT_SECOND", "5", ["LIGHTBOX_WAIT_SECOND", "Did you mean LIGHTBOX_WAIT_SECONDS?"]),
        ("LIGHTBOX_NONSENSE", "5", ["LIGHTBOX_NONSENSE", "config/lightbox.toml shows all of them"]),
        ("LIGHTBOX_WAIT_SECONDS", "soon", ["LIGHTBOX_WAIT_SECONDS", "'soon'", "number"]),
        ("LIGHTBOX_WAIT_SECONDS", "0", ["LIGHTBOX_WAIT_SECONDS", "'0'", "greater than 0"]),
        ("LIGHTBOX_MAX_RESULT_BYTES", "100", ["LIGHTBOX_MAX_RESULT_BYTES", "'100'", "20000"]),
        ("LIGHTBOX_PROVIDER", "google", ["LIGHTBOX_PROVIDER", "'google'", "'dashscope'", "'sandbox'"]),
        ("LIGHTBOX_OPENAI_STORE", "perhaps", ["LIGHTBOX_OPENAI_STORE", "'perhaps'", "boolean"]),
        ("LIGHTBOX_PARTIAL_IMAGES", "4", ["LIGHTBOX_PARTIAL_IMAGES", "'4'", "3"]),
        ("LIGHTBOX_LOG_LEVEL", "loud", ["LIGHTBOX_LOG_LEVEL", "'loud'", "'DEBUG'"]),
        ("LIGHTBOX_BUDGET", "5 dollars a day", ["LIGHTBOX_BUDGET", "5 dollars a day", "5 USD/day"]),
        ("DASHSCOPE_REGION", "mars", ["DASHSCOPE_REGION", "'mars'", "'international'", "'mainland'", "'us'", "'jp'"]),
        ("LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT", "my image", ["LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT", "'my image'", "letters"]),
        ("LIGHTBOX_CONFIRM_ABOVE", "half a dollar", ["LIGHTBOX_CONFIRM_ABOVE", "half a dollar", "0.50 USD"]),
    ],
)
def test_a_wrong_variable_is_named_with_its_value_and_what_is_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: list[str]
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as raised:
        load()

    assert [words for words in says if words not in str(raised.value)] == [], str(raised.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wait_second = 5", ["'wait_second'", "lightbox.toml", "Did you mean wait_seconds?"]),
        ("wait_seconds = 'soon'", ["WAIT_SECONDS", "'soon'", "lightbox.toml"]),
        ("wait_seconds =", ["lightbox.toml", "not TOML"]),
        ("[providers]\nname = 'openai'", ["'providers'", "lightbox.toml"]),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong_in_it(file: Path, text: str, says: list[str]) -> None:
    file.write_text(text)

    with pytest.raises(SettingsError) as raised:
        load(file)

    assert [words for words in says if words not in str(raised.value)] == [], str(raised.value)


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"lightbox\.toml can't be read \(No such file"):
        load(file)


def test_a_key_is_in_no_error_and_in_no_picture_of_the_settings(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(f'openai_api_key = ["{KEY}"]\n')
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert "OPENAI_API_KEY" in str(raised.value)
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is None

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    settings = load()
    assert KEY not in repr(settings)
    assert KEY not in settings.model_dump_json()


def test_the_commented_file_shows_every_setting_and_no_other() -> None:
    text = configuration_path("lightbox.toml").read_text("utf-8")
    shown = tomllib.loads("\n".join(_uncommented(text)))

    assert set(shown) == set(Settings.model_fields)


def test_the_commented_file_changes_nothing() -> None:
    assert load(configuration_path("lightbox.toml")).model_dump() == load().model_dump()


def test_settings_can_not_be_changed_once_made() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().wait_seconds = 1  # pyright: ignore[reportAttributeAccessIssue] - that is what is tested


@pytest.mark.parametrize(
    ("given", "serving"),
    [
        ({}, ["sandbox"]),
        ({"openai_api_key": KEY}, ["openai"]),
        ({"dashscope_api_key": KEY}, ["dashscope"]),
        ({"dashscope_api_key": KEY, "openai_api_key": KEY}, ["dashscope", "openai"]),
        ({"openai_base_url": "http://127.0.0.1:8080/v1"}, ["openai"]),
        ({"openai_api_key": KEY, "describe_provider": "sandbox"}, ["openai", "sandbox"]),
        ({"openai_api_key": KEY, "provider": "sandbox"}, ["openai", "sandbox"]),
    ],
)
def test_the_sandbox_serves_only_where_no_key_is_set_or_it_is_named(given: dict[str, Any], serving: list[str]) -> None:
    assert list(configured(load(**given))) == serving


def test_a_provider_may_be_set_for_each_ability() -> None:
    settings = load(
        dashscope_api_key=KEY,
        openai_api_key=KEY,
        provider="openai",
        search_provider="dashscope",
        describe_provider="sandbox",
    )
    available = configured(settings)

    abilities: tuple[Ability, ...] = ("search", "similar", "generate", "describe")
    chosen = {ability: choose(ability, settings, available).provider for ability in abilities}
    assert chosen == {"search": "dashscope", "similar": "dashscope", "generate": "openai", "describe": "sandbox"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"openai_base_url": "api.openai.com"}, "OPENAI_BASE_URL 'api.openai.com' is not an http"),
        (
            {"dashscope_api_key": KEY, "dashscope_base_url": "https://{WorkspaceId}.example.com"},
            "DASHSCOPE_WORKSPACE_ID",
        ),
    ],
)
def test_a_wrong_base_url_is_named(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        configured(load(**given))

    assert says in str(raised.value)


def test_files_may_be_read_in_the_usual_folders_over_stdio_and_nowhere_over_http(tmp_path: Path) -> None:
    usual = load(image_dir=tmp_path / "pictures")
    chosen = load(read_dirs=(tmp_path,))

    assert {Path.cwd(), tmp_path / "pictures"} <= set(read_dirs(usual, over_http=False))
    assert read_dirs(usual, over_http=True) == ()
    assert read_dirs(chosen, over_http=True) == (tmp_path,)


def test_a_setting_has_one_name_in_the_environment() -> None:
    names = [environment_name(field) for field in Settings.model_fields]

    assert len(set(names)) == len(names)
    assert environment_name("openai_api_key") == "OPENAI_API_KEY"
    assert environment_name("image_dir") == "LIGHTBOX_IMAGE_DIR"


def test_a_wrong_setting_is_an_error_that_the_command_shows() -> None:
    assert issubclass(SettingsError, LightboxError)


def _uncommented(text: str) -> list[str]:
    """Give every setting of the file as if it were set: a line `# name = value` is one that is not."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    names = tuple(f"{field} =" for field in Settings.model_fields)
    return [line for line in lines if line.startswith(names)]


@pytest.mark.parametrize("left", ["", " ", "${user_config.%s}"])
@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_what_a_bundles_form_left_empty_is_not_set(name: str, left: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = load()
    monkeypatch.setenv(environment_name(name), left.replace("%s", name))

    assert load().model_dump() == unset.model_dump()


def test_any_other_placeholder_in_a_budget_is_an_error_and_no_missing_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_BUDGET", "${BUDGET}")

    with pytest.raises(SettingsError, match="LIGHTBOX_BUDGET"):
        load()
