"""`detainer serve` as an operator meets it: what it prints and refuses, what it starts again, and that nothing outlives it."""

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from detainer.exchange import postgres
from serving_making import answers, free_port, started, wait_for
from template_making import copied, migrated

SECONDS = 90  # for what takes two on a machine that has nothing else to do


class Running:
    """A `detainer serve` whose words are kept."""

    def __init__(self, data: Path, *options: str, **more: Any) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said = data.parent / "said"
        with self.said.open("wb") as said:
            arguments = ("serve", "--data", str(data), "--port", str(self.port), *options)
            self.process = started(*arguments, stdout=said, stderr=subprocess.STDOUT, **more)
        wait_for(lambda: answers(self.url + "/readyz"), seconds=SECONDS, process=self.process)

    def processes(self) -> list[psutil.Process]:
        """Everything that belongs to it: its children, theirs, and the database."""
        postmaster = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        return [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(postmaster)]

    def named(self, words: str) -> list[psutil.Process]:
        """Those of its processes whose command has these words; what just ends is left out."""
        found = []
        with contextlib.suppress(OSError, IndexError, psutil.Error):
            for process in self.processes():
                with contextlib.suppress(psutil.Error):
                    if words in " ".join(process.cmdline()):
                        found.append(process)
        return found

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Tell it to stop and return how it ended."""
        self.process.send_signal(with_signal)
        return self.process.wait(SECONDS)


def refused(*arguments: str) -> str:
    """Return why a `detainer serve` does not start; it ends with 1 and without a traceback."""
    process = started("serve", *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.communicate(timeout=SECONDS)[0].decode()
    assert process.returncode == 1
    assert "Traceback" not in said
    return said


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs; one that nobody has waited for yet does not."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(postgres.address(data).replace("@/postgres?", "@/detainer?")) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="detainer-serve-", ignore_cleanup_errors=True) as folder:
        running = Running(Path(folder) / "data", "--demo")
        yield running
        everything = running.processes()
        assert running.stop(signal.SIGINT) == 0
        assert gone(everything)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", running.port)) != 0


def test_it_prints_the_address_and_the_demos_accounts_and_nothing_else(demo: Running) -> None:
    wait_for(lambda: "oversight" in demo.said.read_text(), seconds=SECONDS)
    first, second, *accounts = demo.said.read_text().splitlines()
    assert first == f"Detainer runs at {demo.url}/ (stop it with Ctrl-C)"
    assert second.startswith("Demo accounts")
    assert [line.split()[0] for line in accounts] == [
        *("court", "court-supervisor", "sheriff", "sheriff-supervisor", "ero", "ero-supervisor", "oversight")
    ]


def test_the_sign_in_page_answers_and_the_demos_cases_are_there(demo: Running) -> None:
    page = httpx.get(f"{demo.url}/account/login/", timeout=30)
    assert page.status_code == 200
    assert "csrf" in page.text
    assert rows(demo.data, "SELECT count(*) FROM request WHERE outcome = 'released_without_notice'") == [(1,)]


def test_a_second_one_on_the_same_data_or_port_says_what_is_in_the_way(demo: Running, folder: Path) -> None:
    same_data = refused("--data", str(demo.data), "--port", str(free_port()))
    assert same_data.startswith(
        f"detainer: the data directory [{demo.data}] is served already, by process {demo.process.pid} at {demo.url}/"
    )
    same_port = refused("--data", str(folder / "data"), "--port", str(demo.port))
    assert (
        same_port
        == f"detainer: port {demo.port} of [127.0.0.1] is in use: stop what listens there, or name another with --port\n"
    )
    nowhere = refused("--data", str(folder / "data"), "--host", "203.0.113.7", "--port", str(free_port()))
    assert nowhere == "detainer: [203.0.113.7] is no address of this machine: name one with --host\n"


def test_a_request_arrives_in_the_inbox_well_under_a_second_after_it_was_lodged(demo: Running) -> None:
    secret = started(
        "token", "add", "t", "--agency", "ero_boston", "--scope", "request", "--data", str(demo.data), stdout=subprocess.PIPE
    )
    token = secret.communicate(timeout=SECONDS)[0].decode().strip()
    body = {
        "facility": "ESSEXMA",
        "person": {"name": "Synthetic Person"},
        "form": "I-247G",
        "asks": ["notify"],
        "reference": "quick",
    }
    for _ in range(5):  # the quickest counts: the machine may be busy, but a worker that only looks now and then is never quick
        sent = httpx.post(f"{demo.url}/api/v1/requests", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert sent.status_code == 201
    of_these = "FROM delivery JOIN request ON request.stream_id = delivery.stream_id WHERE reference = 'quick'"
    wait_for(lambda: rows(demo.data, f"SELECT count(delivered_at) {of_these}") == [(5,)], seconds=SECONDS)
    [(quickest,)] = rows(demo.data, f"SELECT min(extract(epoch FROM delivered_at - created_at))::float {of_these}")
    assert quickest < 0.8


@pytest.mark.parametrize("what", ["granian", "detainer.exchange.working", "postgres"])
def test_what_is_killed_is_started_again(what: str, demo: Running) -> None:
    victim = demo.named(what)[0]
    victim.kill()
    wait_for(lambda: gone([victim]), seconds=SECONDS)
    wait_for(lambda: bool(demo.named(what)) and answers(f"{demo.url}/readyz"), seconds=SECONDS, process=demo.process)


def test_when_it_is_killed_itself_its_processes_end_and_the_next_one_takes_the_data_up(folder: Path) -> None:
    copied("migrated", migrated, folder / "data")
    first = Running(folder / "data")
    children = psutil.Process(first.process.pid).children(recursive=True)
    before = rows(first.data, "SELECT count(*) FROM django_migrations")
    assert first.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_for(lambda: gone(children), seconds=SECONDS)
    second = Running(folder / "data")
    assert rows(second.data, "SELECT count(*) FROM django_migrations") == before
    everything = second.processes()
    assert second.stop() == 0
    assert gone(everything)


def anybody_can_run_python() -> bool:
    """Whether we may act as another user, and every user can reach this interpreter (it may stand under /root)."""
    if os.geteuid() != 0:
        return False
    places = (Path(sys.executable), Path(sys.executable).resolve(), Path(postgres.__file__))
    return all(folder.stat().st_mode & 0o001 for place in places for folder in place.parents)


if anybody_can_run_python():

    def test_it_runs_as_a_user_who_is_not_root(folder: Path) -> None:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        running = Running(folder / "data", user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/")
        assert {process.uids().real for process in running.processes()} == {nobody.pw_uid}
        everything = running.processes()
        assert running.stop() == 0
        assert gone(everything)


def test_a_path_too_long_for_a_socket_is_no_obstacle(folder: Path) -> None:
    data = folder / ("long-" * 25) / "data"
    with postgres.running(data), psycopg.connect(postgres.address(data)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_database_stays_until_the_last_who_uses_it_has_left(folder: Path) -> None:
    data = folder / "data"
    with postgres.running(data):
        with postgres.running(data):
            assert postgres.answers(data)
        assert postgres.answers(data)
    assert not postgres.answers(data)


def test_a_pid_file_that_now_names_another_process_is_no_obstacle(folder: Path) -> None:
    data = folder / "data"
    with postgres.running(data):
        pass
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data}/postgres\n")
    with postgres.running(data):
        assert postgres.answers(data)
