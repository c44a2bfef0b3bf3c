"""The files for deployment are what the tools take that they are written for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deploy import plans

MOST_EXPOSED = 20  # tenths of what `systemd-analyze security` counts: below is what it calls OK
OLDEST_KUBERNETES, NEWEST_KUBERNETES = "1.30", "1.37"


def test_the_container_file_is_clean() -> None:
    plans.run(plans.tool("hadolint"), plans.DEPLOY / "Dockerfile")


def test_container_files_inside_the_compose_file_are_clean() -> None:
    inline = [
        service["build"]["dockerfile_inline"]
        for service in plans.services().values()
        if "dockerfile_inline" in service.get("build", {})
    ]
    assert inline
    for text in inline:
        plans.run(plans.tool("hadolint"), "-", stdin=text)


def test_the_compose_file_keeps_to_its_schema() -> None:
    check = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    plans.run(*check, plans.DEPLOY / "compose.yaml")


@pytest.mark.parametrize("version", [OLDEST_KUBERNETES, NEWEST_KUBERNETES])
def test_every_object_of_the_manifest_keeps_to_the_schema_of_kubernetes(version: str) -> None:
    check = (plans.tool("kubernetes-validate"), "--strict", "--kubernetes-version", version)
    told = plans.run(*check, plans.DEPLOY / "kubernetes.yaml")
    assert told.count(f"against version {version}") == len(plans.kubernetes())


def test_the_proxy_takes_its_configuration(tmp_path: Path) -> None:
    check = (plans.tool("caddy"), "validate", "--config", plans.DEPLOY / "Caddyfile", "--adapter", "caddyfile")
    plans.run(*check, DOMAIN="pictures.example.com", HOME=str(tmp_path))


def test_the_unit_is_one_that_systemd_starts_and_finds_well_fenced(tmp_path: Path) -> None:
    analyze = plans.tool("systemd-analyze")
    unit = tmp_path / "lightbox.service"
    [start] = plans.unit("ExecStart")
    unit.write_text(plans.text("lightbox.service").replace(start.split()[0], sys.executable), "utf-8")
    assert plans.run(analyze, "verify", unit) == ""
    plans.run(analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)
