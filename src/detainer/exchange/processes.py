"""The processes of `detainer serve`: the database, the web server and the worker, started again whenever one dies."""

import contextlib
import errno
import fcntl
import http.client
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

import psycopg

from detainer.exchange import database, postgres

WEB_PROCESSES: Final = 2
WEB_THREADS: Final = 24  # of each web process: readers of the feed wait in them
PAUSE: Final = 0.2  # seconds between two looks at the processes
QUICK: Final = 2.0  # seconds: what ends sooner after its start is started again only after them
READY_SECONDS: Final = 60


class CannotServe(Exception):  # noqa: N818  (a precise reason for the operator)
    """The exchange cannot be served, and why."""


def secret_key(data: Path) -> str:
    """Return the exchange's key: DETAINER_SECRET_KEY, or one made once and kept in the data directory.

    Raises CannotServe for a data directory that cannot be used.
    """
    named = os.environ.get("DETAINER_SECRET_KEY")
    if named:
        return named
    file = data / "secret_key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            made = data / f".secret_key.{os.getpid()}"
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(50))
            try:
                os.link(made, file)  # whole or not at all: two processes that start at once read the same key
            finally:
                made.unlink()
        return file.read_text().strip()
    except OSError as error:
        raise CannotServe(f"the data directory [{data}] cannot be used: {error.strerror}") from error


def environment(data: Path, *, demo: bool = False) -> dict[str, str]:
    """Return the environment that every process of the exchange needs beside its own address of the database."""
    return {
        **os.environ,
        "DETAINER_SECRET_KEY": secret_key(data),
        "DJANGO_SETTINGS_MODULE": "detainer.exchange.settings",
        "DETAINER_DEMO": "1" if demo else "",
    }


def web_command(host: str, port: int) -> list[str]:
    """Return the command of the web server."""
    options = [
        "--interface",
        "wsgi",
        "--workers",
        str(WEB_PROCESSES),
        "--blocking-threads",
        str(WEB_THREADS),
        "--backlog",
        "1024",
    ]
    return [
        *("granian", *options),
        *("--host", host, "--port", str(port), "--respawn-failed-workers", "--respawn-interval", "0.1"),
        *("--workers-kill-timeout", "5", "--no-access-log", "--log-level", "error"),
        "detainer.web.wsgi:application",
    ]


WORKER_COMMAND: Final = ["detainer.exchange.working"]


class Kept:
    """A Python module that is started again when it ends, and ends when this process does."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.command = [sys.executable, "-m", "detainer.exchange.kept", *command]
        self.env = env
        self._start()

    def _start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  (our own commands)
            self.command, env=self.env, stdin=subprocess.PIPE, start_new_session=True
        )

    def look(self) -> None:
        """Start it again if it has ended; at once, but not over and over."""
        if self.process.poll() is None:
            return
        self._signal(signal.SIGKILL)  # its children may have outlived it and hold its port
        if time.monotonic() - self.started > QUICK:
            self._forget()
            self._start()

    def ask_to_end(self) -> None:
        """Tell it and its children to end."""
        self._signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait for it; after ten seconds end it and its children by force."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self._signal(signal.SIGKILL)
        self.process.wait()
        self._forget()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _forget(self) -> None:
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()


def migrate(addresses: database.Addresses, env: dict[str, str], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Bring the schema to this version, as the owner, in a process of its own; do something `meanwhile`. Raises CannotServe."""
    own = {**env, "DETAINER_DATABASE": addresses.owner}
    with subprocess.Popen([sys.executable, "-m", "detainer.exchange.migrate"], env=own) as process:
        meanwhile()
    if process.returncode != 0:
        raise CannotServe("the schema could not be brought to this version: see above")


@contextlib.contextmanager
def alone(data: Path, host: str, port: int) -> Iterator[None]:
    """Serve a data directory from one process at a time, on a port that is free. Raises CannotServe that names the other."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "serving").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            other = file.read().strip() or "another process"
            raise CannotServe(
                f"the data directory [{data}] is served already, by {other}: stop it, or name another with --data"
            ) from error
        _check_port(host, port)
        file.truncate(0)
        file.write(f"process {os.getpid()} at http://{host}:{port}/")
        file.flush()
        yield


def _check_port(host: str, port: int) -> None:
    if not 0 < port < 65536:
        raise CannotServe(f"[{port}] is no port: name one from 1 to 65535 with --port")
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except socket.gaierror as error:
        raise CannotServe(f"[{host}] is no address of this machine: {error.strerror}") from error
    except OSError as error:
        raise CannotServe(
            _PORT.get(error.errno or 0, f"port {{port}} of [{{host}}] cannot be used: {error.strerror}").format(
                port=port, host=host
            )
        ) from error


_PORT: Final = {
    errno.EADDRINUSE: "port {port} of [{host}] is in use: stop what listens there, or name another with --port",
    errno.EACCES: "port {port} takes more rights than this user has: name one from 1024 on with --port",
    errno.EADDRNOTAVAIL: "[{host}] is no address of this machine: name one with --host",
}


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end a block, from wherever it is, and what cleans up after it finish in peace."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(_signal: int, _frame: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, stop)
    with contextlib.suppress(KeyboardInterrupt):
        yield


def keep_running(
    data: Path, addresses: database.Addresses, env: dict[str, str], host: str, port: int, ready: Callable[[], None]
) -> None:
    """Run the web server and the worker until the process is told to stop; call `ready` once the web server answers.

    Whatever dies, the embedded database too, starts again. Raises CannotServe when the web server does not come up.
    """
    with contextlib.ExitStack() as stack:
        kept = [
            Kept(web_command(host, port), {**env, "DETAINER_DATABASE": addresses.service}),
            Kept(WORKER_COMMAND, {**env, "DETAINER_DATABASE": addresses.worker}),
        ]
        for process in kept:
            stack.callback(process.end)
        for process in kept:
            stack.callback(process.ask_to_end)
        _wait_for_answer(kept[0], host, port)
        ready()
        watch = stack.enter_context(_Watch(data, addresses.owner))
        while True:
            watch.look()
            for process in kept:
                process.look()


def _wait_for_answer(web: Kept, host: str, port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _answers(host, port):
        if web.process.poll() is not None or time.monotonic() > until:
            raise CannotServe("the web server does not come up: see above")
        time.sleep(0.05)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=10)  # noqa: S104
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class _Watch:
    """Sees the embedded database die by a connection that it ends with, and starts it again."""

    def __init__(self, data: Path, owner: str) -> None:
        self.data, self.owner = data, owner
        self.is_ours = not os.environ.get("DATABASE_URL")
        self.connection: psycopg.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.connection is not None:
            self.connection.close()

    def look(self) -> None:
        """Wait a moment; start the database again when it is gone."""
        if not self.is_ours:
            time.sleep(PAUSE)
            return
        try:
            if self.connection is None:
                self.connection = psycopg.connect(self.owner, autocommit=True, connect_timeout=10)
            if select.select([self.connection], [], [], PAUSE)[0]:  # nobody speaks to it: it was ended
                self.connection.close()
                self.connection = None
        except psycopg.OperationalError:
            postgres.ensure_running(self.data)
