"""What a view and its host say to each other, held against the schema of ext-apps, and the SDK's for MCP's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import jsonschema
import mcp.types
from pydantic import BaseModel, ValidationError

from browser.installed import npm_package

Side: TypeAlias = Literal["view", "host"]

SCHEMA = ("@modelcontextprotocol/ext-apps", "dist/src/generated/schema.json")

APPS = {
    "ui/initialize": ("McpUiInitializeRequest", "McpUiInitializeResult"),
    "ui/open-link": ("McpUiOpenLinkRequest", "McpUiOpenLinkResult"),
    "ui/download-file": ("McpUiDownloadFileRequest", "McpUiDownloadFileResult"),
    "ui/message": ("McpUiMessageRequest", "McpUiMessageResult"),
    "ui/request-display-mode": ("McpUiRequestDisplayModeRequest", "McpUiRequestDisplayModeResult"),
    "ui/update-model-context": ("McpUiUpdateModelContextRequest", None),
    "ui/resource-teardown": ("McpUiResourceTeardownRequest", "McpUiResourceTeardownResult"),
    "ui/notifications/initialized": ("McpUiInitializedNotification", None),
    "ui/notifications/size-changed": ("McpUiSizeChangedNotification", None),
    "ui/notifications/request-teardown": ("McpUiRequestTeardownNotification", None),
    "ui/notifications/tool-input": ("McpUiToolInputNotification", None),
    "ui/notifications/tool-input-partial": ("McpUiToolInputPartialNotification", None),
    "ui/notifications/tool-result": ("McpUiToolResultNotification", None),
    "ui/notifications/tool-cancelled": ("McpUiToolCancelledNotification", None),
    "ui/notifications/host-context-changed": ("McpUiHostContextChangedNotification", None),
    "ui/notifications/sandbox-resource-ready": ("McpUiSandboxResourceReadyNotification", None),
    "ui/notifications/sandbox-proxy-ready": ("McpUiSandboxProxyReadyNotification", None),
}
"""The definitions of a message and of its answer, for everything that MCP Apps adds."""

MCP: dict[str, tuple[type[BaseModel], type[BaseModel] | None]] = {
    "tools/call": (mcp.types.CallToolRequest, mcp.types.CallToolResult),
    "resources/read": (mcp.types.ReadResourceRequest, mcp.types.ReadResourceResult),
    "ping": (mcp.types.PingRequest, mcp.types.EmptyResult),
    "notifications/message": (mcp.types.LoggingMessageNotification, None),
    "notifications/cancelled": (mcp.types.CancelledNotification, None),
}
"""Likewise for what it takes from MCP."""


@dataclass(frozen=True)
class Message:
    """One message, and who sent it."""

    side: Side
    body: dict[str, Any]

    @property
    def method(self) -> str | None:
        return self.body.get("method")

    @property
    def params(self) -> dict[str, Any]:
        return self.body.get("params") or {}

    @property
    def is_request(self) -> bool:
        return "method" in self.body and "id" in self.body

    @property
    def is_answer(self) -> bool:
        return "method" not in self.body


def faults(messages: Sequence[Message]) -> list[str]:
    """Give what is wrong with a conversation, a sentence each; errors that the host answers with are allowed."""
    return [f"{message.side}: {fault}: {_short(message)}" for message, fault in _faults(messages)]


def _faults(messages: Sequence[Message]) -> Iterator[tuple[Message, str]]:
    open_requests: dict[tuple[Side, Any], str] = {}
    initialized = False
    for message in messages:
        if message.body.get("jsonrpc") != "2.0":
            yield message, "not JSON-RPC 2.0"
        if message.is_answer:
            other: Side = "host" if message.side == "view" else "view"
            method = open_requests.pop((other, message.body.get("id")), None)
            yield from _wrong_answer(message, method)
            continue
        if message.is_request:
            open_requests[message.side, message.body["id"]] = str(message.method)
        initialized |= message.method == "ui/notifications/initialized"
        if message.side == "host" and not initialized and "sandbox" not in str(message.method):
            yield message, "sent before the view was initialized"
        yield from _wrong_message(message)


def _wrong_message(message: Message) -> Iterator[tuple[Message, str]]:
    method = str(message.method)
    body = {name: value for name, value in message.body.items() if name not in {"jsonrpc", "id"}}
    if method in APPS:
        yield from ((message, fault) for fault in _against_schema(APPS[method][0], body))
    elif method in MCP:
        yield from ((message, fault) for fault in _against_model(MCP[method][0], body))
    else:
        yield message, "a method that the specification does not have"


def _wrong_answer(message: Message, method: str | None) -> Iterator[tuple[Message, str]]:
    if method is None:
        yield message, "an answer to nothing"
    elif "error" in message.body:
        if message.side == "view":
            yield message, f"the view refused {method}"
    elif method in APPS and (definition := APPS[method][1]):
        yield from ((message, fault) for fault in _against_schema(definition, message.body["result"]))
    elif method in MCP and (model := MCP[method][1]):
        yield from ((message, fault) for fault in _against_model(model, message.body["result"]))


def _against_schema(definition: str, value: Any) -> list[str]:
    checker: Any = jsonschema.Draft202012Validator(_definitions()[definition])
    return [f"{definition}: {error.json_path}: {error.message[:200]}" for error in checker.iter_errors(value)]


def _against_model(model: type[BaseModel], value: Any) -> list[str]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        return [str(error)]
    return []


@cache
def _definitions() -> dict[str, Any]:
    package, path = SCHEMA
    return _satisfiable(json.loads(Path(npm_package(package), path).read_text("utf-8"))["$defs"])


def _satisfiable(schema: Any) -> Any:
    """Mend what nothing can satisfy: as generated, each part of an `allOf` forbids the properties of the others."""
    if isinstance(schema, list):
        return [_satisfiable(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    mended = {name: _satisfiable(value) for name, value in cast("dict[str, Any]", schema).items()}
    for part in mended.get("allOf", ()):
        for choice in (part, *part.get("anyOf", ())):
            choice.pop("additionalProperties", None)
    return mended


def _short(message: Message) -> str:
    return json.dumps(message.body)[:400]
