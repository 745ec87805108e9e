"""What the commands on a running exchange share: its database, the options that every one takes, how they say what they did."""

import contextlib
import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from detainer.exchange import database, migrate, processes

Data = Annotated[Path, typer.Option("--data", help="The data directory of the embedded database.", envvar="DETAINER_DATA")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
HERE = Path("data")


@contextlib.contextmanager
def as_worker(data: Path) -> Iterator[database.Addresses]:
    """Run a command on the database as the worker, with the schema brought up to date."""
    env = processes.environment(data)
    with database.running(data) as addresses:
        set_up(addresses.worker, env)
        if not migrate.is_done():
            processes.migrate(addresses, env)
        yield addresses


def set_up(address: str, env: dict[str, str]) -> None:
    """Let Django speak to the database at an address."""
    os.environ.update(env)
    database.use(address, pool=False)


def now() -> dt.datetime:
    """Return the present."""
    return dt.datetime.now(dt.UTC)


def tell(as_json: bool, told: dict[str, Any], text: str) -> None:
    """Say what was done: as one JSON document, or in words."""
    typer.echo(json.dumps(told, default=str) if as_json else text)
