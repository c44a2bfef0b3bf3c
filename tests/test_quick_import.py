"""Importing without the garbage collector looking on."""

from __future__ import annotations

import gc
import importlib
import sys

import pytest

from lightbox.quick_import import left_out, quick_import


def test_nothing_is_collected_meanwhile_and_what_is_there_is_set_aside() -> None:
    gc.unfreeze()
    try:
        with quick_import():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_what_goes_wrong_meanwhile_leaves_the_collector_at_work() -> None:
    with pytest.raises(ImportError), quick_import():
        raise ImportError
    gc.unfreeze()
    assert gc.isenabled()


def test_what_is_left_out_counts_as_not_installed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "antigravity", raising=False)

    with pytest.raises(ImportError), left_out("antigravity"):
        importlib.import_module("antigravity")

    assert "antigravity" not in sys.modules


def test_what_is_imported_already_stays_so() -> None:
    with left_out("json"):
        assert importlib.import_module("json") is sys.modules["json"]
    assert sys.modules["json"] is not None
