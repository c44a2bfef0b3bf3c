"""How much escapes the tests of `costs`, `jobs` and `providers`: small changes to the code that no test notices.

`make mutants` has mutmut make the changes, tries a sample of them, drawn by a fixed seed from each package in
proportion, and shows a table and every change that was not noticed. A change is tried with the tests of its package
alone, and of those with the ones that run the changed function. Let the machine do nothing else meanwhile: a test that
fails for want of time counts as one that has noticed the change.

What is made for this lies in `.mutants/`, a folder for each package; `mutmut browse` there shows more. This is a tool
for developers: it is not installed.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".mutants"
FIRST = {
    "costs": "lightbox.costs.money.x_added__mutmut_1",
    "jobs": "lightbox.jobs.server_identity.x_lives__mutmut_1",
    "providers": "lightbox.providers.connection.x_read_retry_after__mutmut_1",
}
"""The packages, and what is tried first of each, for mutmut makes all changes when it is to try one."""
LAYOUT = {"src": "server", "tests": "tests", "config": "config"}
"""What mutmut copies, by the names that it needs: it knows packages below `src` only."""
NOTICED = {"killed", "timeout", "segfault"}


def main(arguments: Sequence[str]) -> int:
    """Try a sample, or the mutants that are named; 0 where at least the wanted share was noticed."""
    parser = argparse.ArgumentParser(description="Show which small changes to the code no test notices.")
    parser.add_argument("names", nargs="*", metavar="MUTANT", help="try these, instead of a sample")
    parser.add_argument("--sample", type=int, default=200, help="how many are tried (200)")
    parser.add_argument("--seed", type=int, default=1, help="which ones: the same seed draws the same (1)")
    parser.add_argument("--wanted", type=float, default=90, help="the share that must be noticed, in percent (90)")
    asked = parser.parse_args(arguments)
    for package in FIRST:
        lay_out(package)
    known = all_mutants()
    names = asked.names or drawn(known, asked.sample, random.Random(asked.seed))  # noqa: S311 - no secret
    for package in FIRST:
        if chosen := [name for name in names if package_of(name) == package]:
            mutmut(package, "run", *chosen)
    results = {name: result for name, result in all_mutants().items() if name in names}
    sys.stdout.write(f"\n{table(results)}\n" + "".join(f"\n{survivor(name)}\n" for name in survivors(results)))
    return int(percent(len(results) - len(survivors(results)), len(results)) < asked.wanted)


def lay_out(package: str) -> None:
    """Put what mutmut copies where it looks for it, and have it make the changes."""
    folder = FOLDER / package
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in LAYOUT.items():
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(ROOT / target)
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(settings.replace("PACKAGE", package), "utf-8")
    if not (folder / "mutants" / "mutmut-stats.json").exists():
        mutmut(package, "run", FIRST[package])


def mutmut(package: str, *arguments: str, read: bool = False) -> str:
    """Run mutmut, one change at a time; gives what it prints where that is read, else that is shown."""
    command = [Path(sys.executable).with_name("mutmut"), *arguments]
    if arguments[0] == "run":
        command += ["--max-children", "1"]
    printed = subprocess.PIPE if read else None
    done = subprocess.run(command, cwd=FOLDER / package, check=True, text=True, stdout=printed)
    return done.stdout or ""


def all_mutants() -> dict[str, str]:
    """Give every mutant, and what became of it when it was last tried."""
    told = "".join(mutmut(package, "results", "--all", "true", read=True) for package in FIRST)
    return dict(re.findall(r"^ +(\S+): (.+)$", told, re.MULTILINE))


def drawn(names: Iterable[str], number: int, chance: random.Random) -> list[str]:
    """Draw a sample, from each package in proportion."""
    by_package = {package: sorted(name for name in names if package_of(name) == package) for package in FIRST}
    total = sum(map(len, by_package.values()))
    share = min(1, number / total)
    return [name for among in by_package.values() for name in chance.sample(among, round(len(among) * share))]


def package_of(name: str) -> str:
    """Give the package of a mutant such as `lightbox.costs.money.x_added__mutmut_3`."""
    return name.split(".")[1]


def survivors(results: Mapping[str, str]) -> list[str]:
    """Give those that were not noticed."""
    return [name for name, result in results.items() if result not in NOTICED]


def table(results: Mapping[str, str]) -> str:
    """Count them by package."""
    lines = [f"{'package':<12}{'mutants':>8}{'killed':>8}{'survived':>10}{'percent':>9}"]
    for package in (*FIRST, "all"):
        told = {name: result for name, result in results.items() if package in (package_of(name), "all")}
        left = len(survivors(told))
        share = percent(len(told) - left, len(told))
        lines.append(f"{package:<12}{len(told):>8}{len(told) - left:>8}{left:>10}{share:>9.1f}")
    return "\n".join(lines)


def percent(part: int, whole: int) -> float:
    """Give a share in percent; all of nothing."""
    return 100 * part / whole if whole else 100


def survivor(name: str) -> str:
    """Say where a change is, `file:line`, what mutmut calls it, and what it is."""
    changes = [
        line
        for line in mutmut(package_of(name), "show", name, read=True).splitlines()
        if re.match(r"[-+](?!--|\+\+)", line)
    ]
    path = ROOT / "server" / Path(*name.split(".")[:-1]).with_suffix(".py")
    owner = name.rpartition(".")[2].partition("__mutmut_")[0]
    first = next((line[1:].strip() for line in changes if line.startswith("-")), "")
    number = line_of(path.read_text("utf-8").splitlines(), re.split("ǁ|^x_", owner)[1:], first)
    return "\n".join([f"{path.relative_to(ROOT)}:{number}  {name}", *(f"  {line}" for line in changes)])


def line_of(lines: Sequence[str], names: Iterable[str], text: str) -> int:
    """Give the number of the first line of this text inside a function, named by its class, if any, and itself."""
    number = 0
    for name in names:
        begins = re.compile(rf"\s*(class|(async )?def) {re.escape(name)}\b")
        number = next((i for i, line in enumerate(lines[number:], number) if begins.match(line)), number)
    return 1 + next((i for i, line in enumerate(lines[number:], number) if line.strip() == text), number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
