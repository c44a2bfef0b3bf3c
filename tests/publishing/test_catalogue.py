"""The entry in Docker's catalogue, held against its form and against the image that it has built."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from lightbox.settings import SECRETS, environment_name
from publishing.catalogue import STATE, server_yaml
from publishing.project import Project

ROOT = Path(__file__).parents[2]
CATEGORIES = {
    *("ai", "data-visualization", "database", "devops", "ecommerce", "finance"),
    *("games", "communication", "monitoring", "productivity", "search"),
}
DOCKERFILE = (ROOT / "config/deploy/Dockerfile").read_text("utf-8")


def entry() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config/registry/docker/server.yaml").read_text("utf-8"))


def test_the_entry_has_every_part_that_the_catalogue_wants() -> None:
    found = entry()
    assert {"name", "image", "type", "meta", "about", "source", "config"} <= set(found)
    assert found["image"] == f"mcp/{found['name']}"
    assert found["type"] == "server"
    assert set(found["about"]) == {"title", "description", "icon"}
    assert found["source"]["project"] == Project.of(ROOT).repository
    assert (ROOT / found["source"]["dockerfile"]).is_file()


def test_the_entry_passes_the_catalogues_own_checks() -> None:
    """What its `validate` refuses: names, titles, secrets, values, and a local server that no commit is given for."""
    found = server_yaml(Project.of(ROOT), "0123456789" * 4)
    assert re.fullmatch(r"[a-z0-9-]+", found["name"])
    assert not re.search(r"MCP|Server", found["about"]["title"])
    assert all(word[0].isupper() for word in found["about"]["title"].split())
    assert [row for row in found["config"]["secrets"] if not re.fullmatch(r"[\w-]+\.[\w.-]+", row["name"])] == []
    assert [row for row in found["config"]["env"] if not row["value"].startswith(f"{{{{{found['name']}.")] == []
    assert re.fullmatch(r"[a-f0-9]{40}", found["source"]["commit"])
    assert found["meta"]["category"] in CATEGORIES


def test_the_file_is_laid_out_as_the_catalogues_formatter_would() -> None:
    text = (ROOT / "config/registry/docker/server.yaml").read_text("utf-8")
    assert ": '" not in text
    lists = [(above, row) for above, row in pairwise(text.splitlines()) if row.lstrip().startswith("- ")]
    assert lists
    for above, row in lists:
        if above.endswith(":"):
            assert row.index("-") == len(above) - len(above.lstrip()) + 2, row


def test_secrets_are_kept_apart_from_what_may_be_seen() -> None:
    config = entry()["config"]
    secret = {environment_name(field) for field in SECRETS}
    assert {row["env"] for row in config["secrets"]} <= secret
    assert {row["name"] for row in config["env"]} & secret == set()


def test_every_value_is_a_parameter_that_is_asked_for() -> None:
    found = entry()
    used = {re.fullmatch(r"\{\{lightbox\.(\w+)\}\}", row["value"]) for row in found["config"]["env"]}
    assert {match[1] for match in used if match} == set(found["config"]["parameters"]["properties"])
    assert None not in used


def test_the_image_serves_over_stdio_and_keeps_its_pictures_in_a_volume() -> None:
    """The image by itself serves over HTTP: the entry has to say otherwise."""
    run = entry()["run"]
    assert 'ENTRYPOINT ["lightbox"]' in DOCKERFILE
    assert run["command"] == ["serve"]
    assert [volume.partition(":")[2] for volume in run["volumes"]] == [STATE]
    assert f"LIGHTBOX_STATE_DIR={STATE}/state" in DOCKERFILE
    assert f"LIGHTBOX_IMAGE_DIR={STATE}/pictures" in DOCKERFILE
