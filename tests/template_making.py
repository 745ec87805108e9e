"""Data directories made once per run of the tests and copied: a cluster, its schema, the demo, a build take seconds to make."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

from detainer.exchange import postgres
from serving_making import serving, wait_for

FOLDER = "TESTS_TEMPLATES"  # the variable that tells every process of a run where they are


def begin() -> Callable[[], None]:
    """Name the folder of this run, for its processes too; return what removes it."""
    folder = tempfile.mkdtemp(prefix="detainer-templates-")
    os.environ[FOLDER] = folder

    def end() -> None:
        os.environ.pop(FOLDER, None)
        shutil.rmtree(folder, ignore_errors=True)

    return end


def copied(name: str, make: Callable[[Path], None], data: Path) -> None:
    """Make `data` a copy of the template of this name, which the first process to ask makes; with owners and modes.

    `make` leaves a data directory whose database has stopped.
    """
    folder = Path(os.environ[FOLDER])
    with (folder / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            making = folder / f"{name}.making"
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(making)  # of one that failed
            making.mkdir()
            make(making)
            making.rename(folder / name)
    data.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", "-T", str(folder / name), str(data)], check=True, timeout=60)


def careless(data: Path) -> None:
    """Let a copy's database wait for no disk: for tests that never end it by force."""
    settings = data / "postgres" / "postgresql.auto.conf"
    if settings.exists():  # else DATABASE_URL names a server
        settings.write_text(settings.read_text() + "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")


def migrated(data: Path) -> None:
    """Make a cluster with the schema; where DATABASE_URL names a server, bring that one's schema up to date."""
    from detainer.exchange import database, processes

    with database.running(data) as addresses:
        processes.migrate(addresses, dict(os.environ))


def with_demo(data: Path) -> None:
    """Make what the first `detainer serve --demo` leaves, once everything of the demo is delivered."""
    with serving(data) as running, psycopg.connect(postgres.address(data).replace("@/postgres?", "@/detainer?")) as connection:
        connection.autocommit = True
        wait_for(
            lambda: connection.execute("SELECT count(*) FROM delivery WHERE delivered_at IS NULL").fetchone() == (0,),
            seconds=60,
            process=running.process,
        )


def with_outcomes(folder: Path) -> None:
    """Make a build of outcomes in which nothing is withheld, so that each number can be looked for."""
    from build_making import build, rows

    build(folder, rows(900), threshold=0)
