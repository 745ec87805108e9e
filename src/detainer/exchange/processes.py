"""The processes of `detainer serve`: the database, the web server and the worker, started again whenever one dies."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from detainer.exchange import database

WEB_PROCESSES = 2
WEB_THREADS = 24
PAUSE = 0.2  # seconds between two looks at the processes


def secret_key(data: Path) -> str:
    """Return the exchange's key: DETAINER_SECRET_KEY, or one made once and kept in the data directory."""
    named = os.environ.get("DETAINER_SECRET_KEY")
    if named:
        return named
    data.mkdir(parents=True, exist_ok=True)
    file = data / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text().strip()


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
        *(sys.executable, "-m", "granian"),
        *options,
        *("--host", host, "--port", str(port), "--respawn-failed-workers", "--no-access-log", "--log-level", "warning"),
        "detainer.web.wsgi:application",
    ]


def worker_command() -> list[str]:
    """Return the command of the worker."""
    return [sys.executable, "-m", "django", "procrastinate", "worker", "--concurrency", "4", "--fetch-job-polling-interval", "1"]


class Kept:
    """A process that is started again when it ends."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.command = command
        self.env = env
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, env=self.env, start_new_session=True)

    def look(self) -> None:
        """Start it again if it has ended."""
        if self.process.poll() is not None:
            self._end_group(signal.SIGKILL)  # its children may have outlived it and hold its port
            self.process = self._start()

    def end(self) -> None:
        """End it and wait."""
        self._end_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self._end_group(signal.SIGKILL)

    def _end_group(self, with_signal: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, with_signal)


def migrate(addresses: database.Addresses, env: dict[str, str]) -> None:
    """Bring the schema to this version, as the owner, in a process of its own."""
    own = {**env, "DETAINER_DATABASE": addresses.owner}
    subprocess.run([sys.executable, "-m", "detainer.exchange.migrate"], env=own, check=True)


def keep_running(
    data: Path, addresses: database.Addresses, env: dict[str, str], host: str, port: int, ready: Callable[[], None]
) -> None:
    """Run the web server and the worker until SIGINT or SIGTERM; whatever dies, the embedded database too, starts again."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    web = Kept(web_command(host, port), {**env, "DETAINER_DATABASE": addresses.service})
    worker = Kept(worker_command(), {**env, "DETAINER_DATABASE": addresses.worker})
    try:
        ready()
        while not stopping:
            time.sleep(PAUSE)
            database.start_again_if_dead(data)
            web.look()
            worker.look()
    finally:
        web.end()
        worker.end()
