"""JSON texts that are changed at one place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.clients import jsonc

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), DOCUMENTS, max_size=4)


@given(OBJECTS, st.text(max_size=4), DOCUMENTS, st.sampled_from([None, 2, "\t"]))
def test_putting_a_value_changes_that_value_alone(
    document: dict[str, Any], key: str, value: object, indent: int | str | None
) -> None:
    changed = jsonc.put(json.dumps(document, indent=indent), (key,), value)
    assert jsonc.parse(changed) == {**document, key: value}


@given(OBJECTS, OBJECTS)
def test_filling_keeps_what_is_there_and_is_done_after_one_go(document: dict[str, Any], wanted: dict[str, Any]) -> None:
    filled = jsonc.fill(json.dumps(document), wanted)
    assert set(jsonc.parse(filled)) == {*document, *wanted}
    for key, value in document.items():
        if not isinstance(value, dict | list):
            assert jsonc.parse(filled)[key] == value
    assert jsonc.fill(filled, wanted) == filled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{\n  "b": 2\n}'),
        ("{ }", '{\n  "b": 2\n}'),
        ("{\n}\n", '{\n  "b": 2\n}\n'),
        ("{\n  // nothing yet\n}", '{\n  // nothing yet\n  "b": 2\n}'),
        ('{"a": 1}', '{"a": 1,\n  "b": 2\n}'),
        ('{\n\t"a": 1 // one\n}', '{\n\t"a": 1, // one\n\t"b": 2\n}'),
        ('{\n "a": 1, /* x, */\n}', '{\n "a": 1, /* x, */\n "b": 2\n}'),
        ('{"a": 1, "b": 0 /* old */}', '{"a": 1, "b": 2 /* old */}'),
        ('{"b": 0, "b": 1}', '{"b": 0, "b": 2}'),
    ],
)
def test_a_new_member_stands_on_its_own_line_after_comments(text: str, expected: str) -> None:
    assert jsonc.put(text, ("b",), 2) == expected


def test_an_array_gets_the_objects_whose_id_it_lacks() -> None:
    text = '{\n  "inputs": [\n    {"id": "a", "kept": 1} // mine\n  ]\n}'
    filled = jsonc.fill(text, {"inputs": [{"id": "a"}, {"id": "b"}]})
    assert filled == '{\n  "inputs": [\n    {"id": "a", "kept": 1}, // mine\n    {\n      "id": "b"\n    }\n  ]\n}'


def test_what_looks_like_a_comment_inside_a_string_is_text() -> None:
    assert jsonc.parse(r'{"url": "https://x/*y*/", "quote": "\"//\",]", } // end') == {
        "url": "https://x/*y*/",
        "quote": '"//",]',
    }
