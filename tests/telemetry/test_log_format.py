"""That a line of the log is one line, and opens nothing."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Literal, cast

import pytest

from lightbox.telemetry.log_format import collector_secrets, log_handler

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "planted-key-that-nobody-may-see"
FORMS = ("text", "json")
Form = Literal["text", "json"]
LINK = "https://pictures.example/images/img_0?token=v1.aGVsbG8"
SIGNED = "https://bucket.example/a.png?X-Amz-Signature=5ecre7&X-Amz-Expires=9&Signature=5ecre7%3D&sig=5ecre7"


def written(form: Form, log: Callable[[logging.Logger], object]) -> list[str]:
    handler = cast("logging.StreamHandler[io.StringIO]", log_handler([KEY], form))
    handler.setStream(io.StringIO())
    logger = logging.Logger("lightbox.test")  # noqa: LOG001 - one that nobody else hears
    logger.addHandler(handler)
    log(logger)
    return handler.stream.getvalue().removesuffix("\n").split("\n")


def broken(logger: logging.Logger, why: str) -> None:
    try:
        int(why)
    except ValueError:
        logger.exception("it broke")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x1b[2K"])
def test_what_others_wrote_ends_no_line_and_moves_no_cursor(form: Form, ending: str) -> None:
    [line] = written(form, lambda logger: logger.warning("it said %s", f"no{ending}2026 INFO forged"))

    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("told", "secret"), [(LINK, "aGVsbG8"), (SIGNED, "5ecre7"), (KEY, KEY), ("Bearer abc1", "abc1")]
)
def test_what_opens_something_is_struck_out(form: Form, told: str, secret: str) -> None:
    [line] = written(form, lambda logger: logger.warning("GET %s HTTP/1.1", told))

    assert secret not in line
    assert "GET" in line
    assert "HTTP/1.1" in line


def test_of_a_traceback_no_line_passes_for_another_record() -> None:
    first, *more = written("text", lambda logger: broken(logger, f"no\n2026-01-01 INFO forged {KEY}"))

    assert first.endswith("ERROR lightbox.test: it broke")
    assert more
    assert all(line.startswith("    ") for line in more)
    assert KEY not in "".join(more)


def test_a_traceback_is_part_of_the_one_object() -> None:
    [line] = written("json", lambda logger: broken(logger, KEY))
    told = json.loads(line)

    assert told["message"] == "it broke"
    assert "[key]" in told["exception"]
    assert "Traceback" in told["exception"]


def test_what_a_collector_is_sent_to_let_us_in_is_a_secret() -> None:
    variables = {
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=abc%3D1, x-team = two",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "authorization=Basic%20Zm9v",
    }

    assert {"abc=1", "abc%3D1", "Basic Zm9v"} <= set(collector_secrets(variables))
