"""The table that benchmarks fill."""

from __future__ import annotations

from benchmarks.table import Row, table

ROWS = (
    Row(what="a start", value=90, unit="ms", floor=45, aim=3),
    Row(what="calls", value=40, unit="calls/s", floor=100, aim=0.5, at_least=True),
    Row(what="an answer", value=2_500, unit="bytes", aim=2_500),
    Row(what="what is only told", value=1.26, unit="s"),
    Row(what="tokens", value=None, unit="tokens", aim=2_400, why="npm is not installed"),
)


def test_an_aim_is_for_the_ratio_where_there_is_a_floor_else_for_the_figure() -> None:
    assert [row.reached for row in ROWS] == [True, False, True, None, None]


def test_all_rows_stand_in_one_aligned_table() -> None:
    assert table(ROWS).splitlines() == [
        "                      measured        floor   ratio             aim  reached",
        "a start                  90 ms        45 ms  2.00 ×           ≤ 3 ×  yes",
        "calls               40 calls/s  100 calls/s  0.40 ×         ≥ 0.5 ×  no",
        "an answer          2,500 bytes                        ≤ 2,500 bytes  yes",
        "what is only told        1.3 s",
        "tokens                       -                       ≤ 2,400 tokens  npm is not installed",
    ]
