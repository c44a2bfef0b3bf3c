"""What README and config/lightbox.toml say is what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import documentation
from lightbox import settings
from lightbox.configuration import configuration_path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_readme_and_settings_file_are_as_the_code_gives_them() -> None:
    for path, text in documentation.written(ROOT).items():
        assert path.read_text("utf-8") == text, f"{path.name} is behind the code: run `make readme`"


def test_every_example_in_the_settings_file_is_a_setting_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.environment_name(name), raising=False)
    commented = configuration_path("lightbox.toml").read_text("utf-8")
    file = tmp_path / "lightbox.toml"
    file.write_text(re.sub(r"^# (?=[a-z_]+ = )", "", commented, flags=re.MULTILINE), "utf-8")
    assert set(tomllib.loads(file.read_text("utf-8"))) == set(settings.Settings.model_fields)
    # A key stands in one place: with it, no file may be named that holds it.
    file.write_text(
        re.sub(r"^(\w+_api_key|state_url)_file = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
    )
    files = {f"{name}_file" for name in settings.SECRETS}
    assert settings.load(file).model_fields_set | files == set(settings.Settings.model_fields)


def test_the_readme_points_at_files_that_are_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_the_picture_in_the_readme_is_light() -> None:
    assert (ROOT / "server/lightbox/demo/sheet.webp").stat().st_size < 150_000


def test_replacing_a_section_leaves_the_rest_of_the_text() -> None:
    text = "a\n<!-- tools -->\nold\n<!-- /tools -->\nb\n"
    assert documentation.replaced(text, "tools", "new \\1") == "a\n<!-- tools -->\n\nnew \\1\n\n<!-- /tools -->\nb\n"
