"""Importing without the garbage collector looking on."""

from __future__ import annotations

import gc

import pytest

from lightbox.quick_import import quick_import


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
