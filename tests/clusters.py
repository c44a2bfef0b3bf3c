"""A PostgreSQL that fails over: a primary, and a standby that takes its place."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from databases import QUICK, Postgres, engine

PATIENCE = 20
ALONE = "ALTER SYSTEM SET synchronous_standby_names = ''"
TOGETHER = "ALTER SYSTEM SET synchronous_standby_names = '*'"
"""What is acknowledged lies on the standby's disk, too."""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server: its data, in which its socket is as well, and the programs that go with it."""

    data: Path
    programs: Path
    user: str | None

    def tool(self, name: str, *arguments: str) -> None:
        """Run a program of PostgreSQL's, as the user to whom the data belong."""
        command = [str(self.programs / name), *arguments]
        subprocess.run(
            command, user=self.user, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60
        )

    def start(self) -> None:
        listens = f'-h "" -k {self.data}'
        self.tool("pg_ctl", "start", "-w", "-D", str(self.data), "-o", listens, "-l", str(self.data / "log"))

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?{urlencode({'host': self.data})}"

    def ask(self, *statements: str) -> list[Any]:
        """Carry statements out as the superuser, and give the first value of each that has one."""
        with engine(self.url).connect() as connection:
            results = [connection.exec_driver_sql(statement) for statement in statements]
            return [result.scalar_one() for result in results if result.returns_rows]

    def until(self, question: str) -> None:
        """Wait until the server says yes."""
        deadline = time.monotonic() + PATIENCE
        while self.ask(question) != [True]:
            assert time.monotonic() < deadline, question
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes, as when its machine stops."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def promote(self) -> None:
        """Make a primary of a standby; it waits for nobody from now on."""
        self.ask(ALONE)
        self.tool("pg_ctl", "promote", "-w", "-D", str(self.data))


@dataclass(frozen=True)
class Pair:
    """A primary, and a standby that has all that the primary has acknowledged."""

    primary: Cluster
    standby: Cluster

    @property
    def url(self) -> str:
        """Both, as a server is told of them, which is to find out by itself which of them is the primary."""
        return f"postgresql://postgres@/postgres?{urlencode({'host': f'{self.standby.data},{self.primary.data}'})}"


@contextmanager
def pair(like: Postgres) -> Generator[Pair]:
    """Start both, of the same programs and for the same user as a server that runs."""
    folder = Path(tempfile.mkdtemp(prefix="lightbox-pair-"))  # short, for a socket's path, and open to another user
    folder.chmod(0o777)
    primary, standby = (
        Cluster(folder / name, like.server.bin_path, like.server.system_user) for name in ("primary", "standby")
    )
    try:
        quick = [part for setting in QUICK for part in ("-c", setting.replace(" ", ""))]
        usual = ("--no-sync", "--auth=trust", "--encoding=utf8", "--wal-segsize=1", "-U", "postgres", *quick)
        primary.tool("initdb", "-D", str(primary.data), *usual)
        primary.start()
        source = ("-h", str(primary.data), "-U", "postgres")
        standby.tool("pg_basebackup", *source, "-D", str(standby.data), "-R", "-c", "fast", "--no-sync")
        (standby.data / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # the primary's, copied with all else
        standby.start()
        primary.ask(TOGETHER, "SELECT pg_reload_conf()")
        primary.until("SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'")
        yield Pair(primary, standby)
    finally:
        for cluster in (primary, standby):
            with suppress(OSError):  # one that was killed, or never started
                cluster.send(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
