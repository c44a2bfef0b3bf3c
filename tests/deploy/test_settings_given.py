"""Every setting that the files for deployment give is one, and has a value that the server takes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy import plans
from lightbox.settings import Settings, environment_name, load

GIVEN: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "Dockerfile": plans.image_environment,
    "compose.yaml": lambda: plans.services()["lightbox"]["environment"],
    "compose.yaml, token": lambda: plans.services()["token"]["environment"],
    "kubernetes.yaml": plans.pod_environment,
    "lightbox.service": plans.unit_environment,
}
FILES = {
    "tokens.toml": "",
    "openai-api-key": "sk-only-for-this-test",
    "dashscope-api-key": "sk-only-for-this-test",
    "openrouter-api-key": "sk-or-only-for-this-test",
    "state-url": "postgresql://lightbox:0a1b2c@db.example.com:5432/lightbox",
}
OURS = re.compile(r"\b(?:LIGHTBOX_|OPENAI_|DASHSCOPE_|OPENROUTER_)\w*[A-Z]\b(?!…)")


def known() -> set[str]:
    return {environment_name(field) for field in Settings.model_fields}


@pytest.mark.parametrize("name", [path.name for path in sorted(plans.DEPLOY.iterdir()) if path.is_file()])
def test_every_setting_that_is_named_is_there(name: str) -> None:
    assert set(OURS.findall(plans.text(name))) - known() == set()


@pytest.mark.parametrize("where", GIVEN)
def test_what_is_given_is_what_the_server_takes(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    for name in filter(OURS.match, list(os.environ)):
        monkeypatch.delenv(name)
    given = {name: _here(value, tmp_path) for name, value in GIVEN[where]().items()}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    taken = load().model_fields_set

    assert {environment_name(field) for field in taken} >= {name for name, value in given.items() if value} & known()


def _here(value: str, folder: Path) -> str:
    """Give a value with the places of containers and of systemd in a folder of the test's own."""
    return value.replace(plans.FILES, str(folder)).replace("%d", str(folder)).replace("%S", str(folder))
