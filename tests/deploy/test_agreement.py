"""What a schema can't see: the files for deployment say the same, and what they say is true of the server."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from deploy import plans
from lightbox import __version__
from lightbox.commands.ending import MOST_SECONDS
from lightbox.errors import SettingsError
from lightbox.http.limits import Limits
from lightbox.images.worker import MAX_MEMORY
from lightbox.settings import Settings, load

PORT = 8000
MIB = 1024 * 1024
TEMPORARY = "/tmp"  # noqa: S108 - of a container
BY_VERSION = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*|postgres:\d+-\w+")
"""An image of a version; PostgreSQL counts its minor ones behind the first number."""
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
PAGE = plans.text("README.md")


def images() -> list[str]:
    """Give every image that is named, in container files and elsewhere."""
    inline = [service.get("build", {}).get("dockerfile_inline", "") for service in plans.services().values()]
    bases = re.findall(r"^FROM (\S+)", "\n".join([plans.text("Dockerfile"), *inline]), re.MULTILINE)
    return [*bases, *(service["image"] for service in plans.services().values()), plans.container()["image"]]


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def test_every_image_is_one_of_a_version() -> None:
    assert [image for image in images() if not BY_VERSION.fullmatch(image)] == []


def test_our_image_has_the_version_of_this_checkout() -> None:
    ours = {image for image in images() if "lightbox-mcp" in image}
    assert {image.rpartition(":")[2] for image in ours} == {__version__}
    assert f"lightbox-mcp:{__version__} ." in plans.text("Dockerfile")


def test_nothing_runs_as_root_or_may_become_it_or_writes_to_its_image() -> None:
    users = {name: service["user"] for name, service in plans.services().items()}
    assert [name for name, user in users.items() if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)] == []
    for name, service in plans.services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    pod = plans.pod()["securityContext"]
    assert pod["runAsNonRoot"] is True
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert plans.container()["securityContext"] == RESTRICTED
    assert plans.unit("DynamicUser") == ["yes"]
    assert plans.unit("NoNewPrivileges") == ["yes"]


def test_everywhere_the_server_is_the_same_user() -> None:
    user = plans.last("USER")
    pod = plans.pod()["securityContext"]
    assert plans.services()["lightbox"]["user"] == plans.services()["token"]["user"] == user
    assert f"{pod['runAsUser']}:{pod['runAsGroup']}" == f"{pod['runAsUser']}:{pod['fsGroup']}" == user
    assert f"chown -R {user} secrets" in PAGE


def test_everywhere_the_server_listens_on_the_same_port() -> None:
    named = {port["name"]: port["containerPort"] for port in plans.container()["ports"]}
    [rule] = plans.kubernetes()["Ingress"]["spec"]["rules"]
    [service] = plans.kubernetes()["Service"]["spec"]["ports"]
    assert plans.command()[1:] == plans.container()["args"] == ["serve", "--http", f"0.0.0.0:{PORT}"]
    assert plans.unit("ExecStart") == [f"/opt/lightbox/bin/lightbox serve --http 127.0.0.1:{PORT}"]
    assert plans.last("EXPOSE") == str(PORT)
    assert f"'127.0.0.1', {PORT}" in plans.health_check()[-1]
    assert re.findall(r"^\s*port (\d+)$", plans.text("Caddyfile"), re.MULTILINE) == [str(PORT)]
    assert named["http"] == PORT
    assert service["targetPort"] == "http"
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "lightbox", "port": {"name": service["name"]}}
    assert {probe["port"] for _, probe in plans.probes()} == {"http"}


def test_metrics_are_where_they_are_said_to_be_and_not_for_everybody() -> None:
    where = {
        plans.services()["lightbox"]["environment"]["LIGHTBOX_METRICS"],
        plans.pod_environment()["LIGHTBOX_METRICS"],
    }
    [address] = where
    port = address.rpartition(":")[2]
    assert {"name": "metrics", "containerPort": int(port)} in plans.container()["ports"]
    assert f"`:{port}/metrics`" in PAGE
    assert port not in str(plans.kubernetes()["Service"])
    assert "ports" not in plans.services()["lightbox"]


def test_a_server_that_only_waits_for_its_database_is_not_restarted_but_gets_no_calls() -> None:
    paths = {name: probe["path"] for name, probe in plans.probes()}
    assert paths == {"startupProbe": "/health", "livenessProbe": "/health", "readinessProbe": "/ready"}
    assert "'/health'" in plans.health_check()[-1]


def test_servers_are_given_the_time_that_they_need_to_end() -> None:
    grace = plans.pod()["terminationGracePeriodSeconds"]
    before = plans.container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert grace - before > MOST_SECONDS
    assert seconds(plans.services()["lightbox"]["stop_grace_period"]) > MOST_SECONDS
    assert seconds(plans.unit("TimeoutStopSec")[0]) > MOST_SECONDS


def test_the_proxy_lets_go_of_idle_connections_first_and_lets_every_body_through() -> None:
    [keep] = re.findall(r"keepalive (\d+)s", plans.text("Caddyfile"))
    [most] = re.findall(r"max_size (\d+)MiB", plans.text("Caddyfile"))
    assert int(keep) < Limits().idle_seconds
    assert int(most) * MIB > Limits().body_bytes


def test_what_the_server_writes_lies_on_a_volume() -> None:
    [home] = {str(Path(plans.image_environment()[f"LIGHTBOX_{name}_DIR"]).parent) for name in ("STATE", "IMAGE")}
    assert TEMPORARY in plans.services()["lightbox"]["tmpfs"]
    assert home in plans.services()["lightbox"]["volumes"]
    assert {mount["mountPath"] for mount in plans.container()["volumeMounts"]} == {home, TEMPORARY, plans.FILES}
    assert f"--home-dir {home}" in plans.last("RUN")


def test_a_service_of_ours_in_a_cluster_hands_the_server_no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubernetes names them for the service, and so they would begin as our settings do."""
    name = plans.kubernetes()["Service"]["metadata"]["name"].upper()
    monkeypatch.setenv(f"{name}_SERVICE_HOST", "10.0.0.1")
    with pytest.raises(SettingsError, match="LIGHTBOX_SERVICE_HOST is not a setting"):
        load()
    assert plans.pod()["enableServiceLinks"] is False


def test_the_example_of_what_is_yours_names_all_that_the_compose_file_asks_for() -> None:
    assert plans.example_environment().keys() == plans.interpolated()


def test_no_secret_stands_in_a_file_or_reaches_an_image() -> None:
    assert [name for name in ("POSTGRES_PASSWORD", "S3_SECRET_KEY") if plans.example_environment()[name]] == []
    assert "Secret" not in plans.kubernetes()
    ignored = (plans.ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/config/deploy/.env", "/config/deploy/secrets/"} <= set(ignored)
    assert plans.text("Dockerfile.dockerignore").splitlines()[-2] == "config/deploy"  # the last line that fits counts


def test_all_that_the_wheel_is_made_of_reaches_the_build_of_the_image() -> None:
    project = tomllib.loads((plans.ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {"pyproject.toml", "constraints.txt", project["project"]["readme"], *project["project"]["license-files"]}
    wanted |= {path.partition("/")[0] for path in [*wheel["packages"], *wheel["force-include"]]}
    copies = [rest.split()[:-1] for name, rest in plans.instructions() if name == "COPY" and "--from" not in rest]
    copied = {word for words in copies for word in words}
    allowed = {line[1:] for line in plans.text("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    assert copied == allowed == wanted


def test_what_the_page_says_of_the_server_is_so() -> None:
    assert f"less than {Limits().idle_seconds:g} s" in PAGE
    assert f"`LIGHTBOX_WAIT_SECONDS` ({Settings.model_fields['wait_seconds'].default})" in PAGE
    assert f"{MAX_MEMORY // 1024**3} GiB" in PAGE


def test_the_page_points_at_files_that_are_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE)
    assert [link for link in links if not (plans.DEPLOY / link).is_file()] == []
    assert {path.name for path in plans.DEPLOY.iterdir() if path.is_file()} - set(links) == {
        "README.md",
        "Dockerfile.dockerignore",
    }
