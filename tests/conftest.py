"""What the tests stand on: a real PostgreSQL of their own, agencies made for each test, and a running exchange."""

import contextlib
import datetime as dt
import gc
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from role_making import as_role
from serving_making import Served, free_port, serving, wait_for
from template_making import begin, careless, copied, migrated, with_demo

__all__ = ["Served", "free_port", "serving", "wait_for"]

os.environ.setdefault("DETAINER_SECRET_KEY", "for the tests alone, and long enough to be one of its own kind")
os.environ["DJANGO_SETTINGS_MODULE"] = "detainer.exchange.settings"

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)  # a Monday
_numbers = itertools.count(1)


# First what looks at every stream of its process's database, while there are few; then the files that take longest, the
# longest first, so that none of them is left to one process at the end.
IN_THIS_ORDER = (
    *("test_two_commands.py", "test_rebuild.py", "test_checkpoints.py", "test_clocks_fire.py", "test_state_machine.py"),
    *("test_outcomes_building.py", "test_outcomes_command_line.py", "test_outcomes_engines.py"),
    *("test_browser_every_page.py", "test_crash.py", "test_processes.py", "test_api_document.py", "test_bench.py"),
    *("test_every_page.py", "test_cli.py", "test_api_outage.py", "test_docs.py", "test_concurrency.py"),
    *("test_browser_two_users.py", "test_browser_lynn.py", "test_browser_without.py", "test_api_guide.py"),
)


def pytest_configure(config: pytest.Config) -> None:
    """One folder of templates for all the processes of a run; and none looks often for garbage among what Ibis makes."""
    gc.set_threshold(50_000, 20, 50)
    if not hasattr(config, "workerinput"):
        config.add_cleanup(begin())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files named above first, the others as they were."""
    items.sort(key=lambda item: IN_THIS_ORDER.index(item.path.name) if item.path.name in IN_THIS_ORDER else len(IN_THIS_ORDER))


@pytest.fixture(scope="session")
def database() -> Iterator[Any]:
    """The addresses of a PostgreSQL of this test process, migrated; Django speaks to it as the service."""
    from detainer.exchange import database as of_exchange

    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="detainer-test-"))) / "data"
        copied("migrated", migrated, data)
        careless(data)
        addresses = stack.enter_context(of_exchange.running(data))
        # Logged in as the owner so that a test can change its role; acting as the service until it does.
        of_exchange.use(addresses.owner, pool=False)
        from django.conf import settings
        from django.db import connection

        settings.DATABASES["default"]["OPTIONS"]["options"] += " -c role=detainer_service"
        settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
        yield addresses
        connection.close()


@pytest.fixture
def as_worker(database: Any) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """A block that runs as the worker, who sees every agency's rows."""
    return lambda: as_role("detainer_worker")


@pytest.fixture
def as_superuser(database: Any) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """A block that runs as the database's superuser, whom no policy and no trigger stops."""
    return lambda: as_role("postgres")


@dataclass(frozen=True)
class Party:
    """An agency made for a test, with its facility and the people who act for it."""

    id: UUID
    key: str
    facility: str
    clerk: Any
    supervisor: Any
    officer: Any
    auditor: Any


@pytest.fixture(scope="session")
def party(database: Any) -> Callable[..., Party]:
    """Makes a new agency: `party("custodian", facility_kind="jail", jurisdiction="us/ma/essex")`. None shares rows."""

    def make(
        *kinds: str, facility_kind: str = "jail", jurisdiction: str = "us/ma/essex", zone: str = "America/New_York"
    ) -> Party:
        from detainer.exchange import models
        from detainer.exchange.roles import Actor

        number = next(_numbers)
        key, code = f"agency_{os.getpid()}_{number}", f"T{os.getpid() % 100000}{number:05d}"
        with as_role("detainer_worker"):
            agency = models.Agency.objects.create(
                key=key, name=f"Agency {number}", kinds=list(kinds), jurisdiction=jurisdiction, enrolled=True
            )
            models.Facility.objects.create(
                code=code,
                agency=agency,
                name=f"Facility {number}",
                kind=facility_kind,
                county="Essex",
                state="MA",
                jurisdiction=jurisdiction,
                zone=zone,
            )

            def member(of_role: str) -> Actor:
                user = models.User.objects.create(username=f"{of_role}_{key}")
                models.Membership.objects.create(agency=agency, user=user, role=of_role)
                return Actor(agency=agency.id, user=user.id, roles=frozenset({of_role}), kinds=frozenset(kinds))

            return Party(agency.id, key, code, *(member(name) for name in ("clerk", "supervisor", "officer", "auditor")))

    return make


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of the database can reach, too: pytest closes its own to all but root."""
    with tempfile.TemporaryDirectory(prefix="detainer-folder-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One running demo for all tests of a process that only look, or that make what they change."""
    with tempfile.TemporaryDirectory(prefix="detainer-served-") as folder:
        copied("demo", with_demo, Path(folder) / "data")
        careless(Path(folder) / "data")
        with serving(Path(folder) / "data") as running:
            yield running
