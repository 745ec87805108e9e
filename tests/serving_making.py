"""A running `detainer serve` for tests: started as an operator starts it, and ended with everything that it started."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def started(*arguments: str, operator: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """Start `detainer ...` with nothing of the tests' own environment but what its `operator` sets."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DETAINER_", "DATABASE_"))}
    environment |= operator or {}
    return subprocess.Popen(
        [sys.executable, "-m", "detainer.cli", *arguments], env=environment, start_new_session=True, **options
    )


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running `detainer serve --demo`."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def serving(data: Path, *more: str, demo: bool = True, operator: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run `detainer serve` on a data directory and a free port, with more arguments, until the block ends."""
    port = free_port()
    process = started("serve", "--data", str(data), "--port", str(port), *(["--demo"] if demo else []), *more, operator=operator)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(url + "/readyz"), seconds=60, process=process)
        yield Served(url, data, process)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(is_so: Callable[[], bool], *, seconds: float, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until something is so; fail after `seconds`, or when the process that should bring it about has ended."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until or (process and process.poll() is not None):
            raise AssertionError("did not come about in time")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether an address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
