"""What was spent, as a person reads it in a terminal: tables and bars of plain letters. Imports rich."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from lightbox.costs.money import plain
from lightbox.jobs.ledger import LedgerRow
from lightbox.jobs.statement import MOST_DIFFERENCE, BudgetRow, JobRow, Statement
from lightbox.tools.get_spending import totals
from lightbox.untrusted import tame

PIPED_COLUMNS = 160
"""How wide the table is where nobody says how wide the terminal is: no line is broken then."""
BAR = 16
"""The longest bar, in letters."""
UNKNOWN = "unknown"


def show(found: Statement, period: str, *, jobs: bool) -> None:
    """Print a statement."""
    console = _console()
    with console.capture() as captured:
        for part in _parts(found, period, console, jobs=jobs):
            console.print(part)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def show_check(found: Statement, period: str) -> None:
    """Print for which jobs a service says that it charged something else than our prices come to."""
    differing = [job for job in found.jobs if job.differs]
    known = sum(job.difference is not None for job in found.jobs)
    console = _console()
    with console.capture() as captured:
        console.print(
            f"Jobs for which the service told what it charged, {_since(found, period)} to "
            f"{found.until:%Y-%m-%d %H:%M} UTC: {len(found.jobs)}. Our prices are known for {known} of them; "
            f"{len(differing)} differ by more than {MOST_DIFFERENCE} %."
        )
        if differing:
            console.print(_differences(differing))
            console.print(
                "What the service charged is the bill. Look whether our price is old: LIGHTBOX_PRICES adds your own."
            )
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _since(found: Statement, period: str) -> str:
    return "the beginning" if period == "all" else f"{found.since:%Y-%m-%d %H:%M}"


def _differences(jobs: Sequence[JobRow]) -> Table:
    table = _table(
        "\nwhen", "\nwhat", "\ncharged", "\nby our prices", "\n", right=("\ncharged", "\nby our prices", "\n")
    )
    for job in jobs:
        day, _, time = job.when.removesuffix("Z").partition("T")
        what = f"{job.tool}\n{tame(job.model) or '-'}"
        charged, ours = f"{job.told} {job.currency or ''}".rstrip(), job.counted or UNKNOWN
        table.add_row(f"{day}\n{time[:5]}", what, charged, ours, f"{job.difference or 0:+.0f} %")
    return table


def _parts(found: Statement, period: str, console: Console, *, jobs: bool) -> Iterator[RenderableType]:
    if not found.rows:
        yield "Nothing was spent in this period."
    else:
        yield Text(f"Spent ({period}): {_since(found, period)} to {found.until:%Y-%m-%d %H:%M} UTC\n")
        yield _totals(found)
        if jobs:
            yield _jobs(found.jobs)
        else:
            yield _bars("day", found, lambda row: row.day, console)
            yield _bars("model", found, lambda row: row.model, console)
            yield _bars("tool", found, lambda row: row.tool, console)
        if any(job.estimated for job in found.jobs):
            yield "~: the service reported no usage, so that the estimate was taken."
    if found.budgets:
        yield _budgets(found.budgets)
    if rates := dict.fromkeys(budget.rates for budget in found.budgets if budget.rates):
        yield f"Other currencies count by your own rates (LIGHTBOX_RATES): {', '.join(rates)}."


def _console() -> Console:
    """Give a console that guesses nothing: without colours where there are none, wide where nobody looks."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout, width=None if terminal else PIPED_COLUMNS, highlight=False, markup=False, emoji=False
    )


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        figures = name in right
        table.add_column(name, justify="right" if figures else "left", no_wrap=figures, overflow="fold")
    return table


def _totals(found: Statement) -> Table:
    """Show what was spent of each currency, the estimate beside the bill."""
    table = _table("", "estimate", "bill", "from estimates", "reserved", right=("estimate", "bill", "reserved"))
    for total in totals([*found.rows]):
        before = _expected(found, [row for row in found.rows if row.currency == total.currency])
        guessed = total.estimated if Decimal(total.estimated) else "-"
        held = total.reserved if Decimal(total.reserved) else "-"
        table.add_row(f"total {total.currency}", before, total.billed, guessed, held)
    if unknown := sum(row.unknown for row in found.rows):
        table.add_row("price unknown", "", f"{unknown} {'job' if unknown == 1 else 'jobs'}", "", "")
    return table


def _bars(name: str, found: Statement, key: Callable[[LedgerRow], str], console: Console) -> Table:
    """Show the rows summed up by a key; bars are of one scale for each currency."""
    groups: dict[tuple[str, str | None], list[LedgerRow]] = {}
    for row in found.rows:
        groups.setdefault((key(row), row.currency), []).append(row)
    billed = {group: sum((Decimal(row.billed) for row in rows), Decimal(0)) for group, rows in groups.items()}
    letter = "█" if "utf" in (console.encoding or "").lower() else "#"
    table = _table("\n" + name, "\njobs", "\nestimate", "\nbill", "\n", right=("\njobs", "\nestimate", "\nbill"))
    for group in sorted(groups, key=lambda group: (group[0], group[1] or "")):
        rows = groups[group]
        most = max(amount for other, amount in billed.items() if other[1] == group[1])
        length = int((billed[group] / most * BAR).to_integral_value()) if most else 0
        bar = letter * max(length, 1 if billed[group] else 0)
        count, unknown = sum(row.jobs for row in rows), sum(row.unknown for row in rows)
        bill = UNKNOWN if group[1] is None or unknown == count else f"{plain(billed[group])} {group[1]}"
        table.add_row(tame(group[0]) or "-", str(count), _expected(found, rows), bill, bar)
    return table


def _expected(found: Statement, rows: Iterable[LedgerRow]) -> str:
    """Sum up what was expected before the calls; a dash where nothing of that is kept."""
    keys = [(row.day, row.tool, row.provider, row.model, row.currency) for row in rows]
    known = [found.expected[key] for key in keys if key in found.expected]
    return plain(sum(known, Decimal(0))) if known else "-"


def _jobs(jobs: Sequence[JobRow]) -> Table:
    """Show the jobs one by one, each on two lines, so that they fit into 80 columns."""
    table = _table("\nwhen", "\nwhat", "\nestimate", "\nbill", "\nwhat came", right=("\nestimate", "\nbill"))
    for job in jobs:
        day, _, time = job.when.removesuffix("Z").partition("T")
        table.add_row(
            f"{day}\n{time[:5]}",
            f"{job.tool}\n{tame(job.model) or '-'}",
            job.expected or UNKNOWN,
            _bill(job),
            "\n".join([job.state, *job.made]),
        )
    return table


def _bill(job: JobRow) -> str:
    if job.open:
        return f"open, up to\n{job.reserved} {job.currency or ''}".rstrip()
    if job.billed is None:
        return UNKNOWN
    return f"{'~' if job.estimated else ''}{job.billed} {job.currency or ''}".rstrip()


def _budgets(budgets: Sequence[BudgetRow]) -> Table:
    """Show what is left of each cap."""
    several = len({budget.owner for budget in budgets if budget.owner is not None}) > 1
    table = _table(
        "\nbudget", "\nleft", "\nspent", "\nreserved", "\nall free again", right=("\nleft", "\nspent", "\nreserved")
    )
    for budget in budgets:
        whose = "all callers" if budget.owner is None else tame(budget.owner) or "-"
        name = f"{budget.cap}, {whose}" if several or budget.owner is None else budget.cap
        again = budget.free_again.replace("T", " ").replace("Z", " UTC")
        table.add_row(name, f"{budget.left} {budget.currency}", budget.spent, budget.reserved, again)
    return table
