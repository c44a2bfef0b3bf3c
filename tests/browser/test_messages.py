"""What a conversation of view and host is held against finds what is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest

from browser.messages import Message, Side, faults


def said(side: Side, **body: Any) -> Message:
    return Message(side, {"jsonrpc": "2.0", **body})


INITIALIZED = said("view", method="ui/notifications/initialized")
CALL = said("view", id=1, method="tools/call", params={"name": "list_images", "arguments": {}})


@pytest.mark.parametrize(
    ("conversation", "fault"),
    [
        ([INITIALIZED, CALL, said("host", id=1, result={"content": []})], None),
        ([INITIALIZED, CALL, said("host", id=1, error={"code": -32601, "message": "no"})], None),
        ([said("view", method="ui/notifications/size-changed", params={"height": "300"})], "'300' is not of type"),
        ([said("view", method="ui/notifications/size-changed", params={"high": 300})], "Additional properties"),
        ([said("view", id=1, method="ui/open-link", params={})], "'url' is a required property"),
        ([said("view", method="ui/notifications/ready")], "a method that the specification does not have"),
        ([said("view", id=1, method="tools/call", params={"arguments": {}})], "name"),
        ([said("host", method="ui/notifications/tool-input", params={})], "sent before the view was initialized"),
        ([INITIALIZED, CALL, said("host", id=2, result={"content": []})], "an answer to nothing"),
        ([INITIALIZED, CALL, said("host", id=1, result={"content": "none"})], "content"),
        ([Message("view", {"method": "ping", "id": 1})], "not JSON-RPC 2.0"),
    ],
)
def test_a_fault_in_a_conversation_is_told(conversation: list[Message], fault: str | None) -> None:
    found = faults(conversation)

    assert found == [] if fault is None else any(fault in each for each in found), found
