"""When anything is told, and that nothing is imported, nor held up, for it otherwise."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from lightbox.commands.observing import DEFAULT_PORT, observed
from lightbox.commands.serve import address
from lightbox.errors import BadInput, SettingsError
from lightbox.telemetry.exporting import LAST_SECONDS, exporting_observer
from lightbox.telemetry.observer import Observer
from lightbox.telemetry.signals import observer_for, wanted_signals

if TYPE_CHECKING:
    from tests.conftest import MakeSettings

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
HEAVY = ("opentelemetry.sdk", "opentelemetry.exporter", "prometheus_client", "requests", "google.protobuf")


@pytest.fixture(autouse=True)
def no_collector_of_the_person_who_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("variables", "signals"),
    [
        ({}, {}),
        ({"OTEL_SERVICE_NAME": "pictures"}, {}),
        (ENDPOINT, {"traces": "otlp", "metrics": "otlp"}),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, {}),
        (ENDPOINT | {"OTEL_METRICS_EXPORTER": "none"}, {"traces": "otlp"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, {"traces": "otlp"}),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, {"traces": "otlp"}),
        ({"OTEL_METRICS_EXPORTER": "console"}, {"metrics": "console"}),
    ],
)
def test_what_is_told_is_what_the_variables_say(variables: dict[str, str], signals: dict[str, str]) -> None:
    assert wanted_signals(variables) == signals


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER is 'zipkin'"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, "the OTLP protocol is 'grpc'"),
    ],
)
def test_what_is_meant_for_other_programs_is_said_once_and_passed_over(
    caplog: pytest.LogCaptureFixture, more: dict[str, str], says: str
) -> None:
    assert wanted_signals(ENDPOINT | more) == {"metrics": "otlp"}
    [record] = caplog.records
    assert says in record.getMessage()


def test_a_server_of_which_nothing_is_wanted_imports_nothing_for_it(settings: MakeSettings) -> None:
    program = (
        "import sys, lightbox.app, lightbox.opening, lightbox.commands.serve\n"
        "from lightbox.settings import load\n"
        "from lightbox.telemetry.signals import observer_for\n"
        "observer_for(load())\n"
        f"print([name for name in sys.modules if name.startswith({HEAVY!r})])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(settings().state_dir), "XDG_CONFIG_HOME": str(settings().state_dir)},
    )

    assert done.stdout.strip() == "[]"


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lightbox.telemetry.exporting", raising=False)
    for name in [name for name in sys.modules if name.startswith("opentelemetry.sdk")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)


@pytest.mark.usefixtures("without_the_extra")
def test_metrics_without_what_they_need_are_an_error_that_names_what_to_install(settings: MakeSettings) -> None:
    with pytest.raises(SettingsError, match=r"LIGHTBOX_METRICS needs opentelemetry\.sdk.*'lightbox-mcp\[otel\]'"):
        observer_for(settings(metrics="127.0.0.1:0"))


@pytest.mark.usefixtures("without_the_extra")
def test_variables_without_what_they_need_are_a_word_in_the_log_and_the_server_serves(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")

    assert type(observer_for(settings())) is Observer
    assert "pip install 'lightbox-mcp[otel]'" in caplog.text


def test_a_collector_that_hangs_does_not_hold_up_a_server_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")  # what goes on in the background ends soon
        observer = exporting_observer({"metrics": "otlp"}, (), scraped=False)
        observer.moved("sent", 1)
        began = time.monotonic()
        observer.close()
        took = time.monotonic() - began

    assert LAST_SECONDS * 0.9 < took < LAST_SECONDS + 2


@pytest.mark.parametrize("text", ["nonsense:port", "127.0.0.1:99999", "http://127.0.0.1:1"])
def test_an_address_of_the_metrics_that_is_none_is_named_with_its_setting(text: str) -> None:
    with pytest.raises(BadInput, match=r"LIGHTBOX_METRICS .*127\.0\.0\.1:9464"):
        address(text, "LIGHTBOX_METRICS", DEFAULT_PORT)


def test_an_address_of_the_metrics_that_is_taken_is_named_with_its_setting(settings: MakeSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with (
            pytest.raises(SettingsError, match=f"{port}.*choose another address with LIGHTBOX_METRICS"),
            observed(settings(), ("127.0.0.1", port)),
        ):
            pass
