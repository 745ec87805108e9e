"""What the crash test is made of: clients that write down what was acknowledged, and a hand that kills processes."""

import itertools
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

PERSON = {"name": "Synthetic Person"}
WARRANT = {"warrant": "administrative", "warrant_form": "I-200"}


@dataclass
class Client(threading.Thread):
    """One that lodges, books, acknowledges and decides without end, and repeats with the same key what got no answer."""

    url: str
    officer: str
    clerk: str
    number: int
    stop: threading.Event
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Go through request after request until told to stop."""
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=15) as self.http:
            for count in itertools.count():
                if self.stop.is_set() or self.wrong:
                    return
                self._one_request(f"crash-{self.number}-{count}")

    def _one_request(self, name: str) -> None:
        self.asked.append(name)
        lodged = self._do(
            self.officer,
            "/requests",
            {
                "facility": "ESSEXMA",
                "person": PERSON,
                "form": "I-247A",
                "asks": ["notify", "hold"],
                "basis": WARRANT,
                "reference": name,
            },
        )
        booked = lodged and self._do(self.clerk, "/stays", {"facility": "ESSEXMA", "booking_number": name, "person": PERSON})
        if not lodged or not booked:
            return
        on = f"/requests/{lodged['id']}"
        for path, data in (
            ("acknowledge", {"stay": booked["id"]}),
            ("decide", {"ask": "notify", "choice": "honour"}),
            ("decide", {"ask": "hold", "choice": "decline", "reason": "Lunn"}),
        ):
            if not self._do(self.clerk, f"{on}/{path}", data):
                return

    def _do(self, token: str, path: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Give a command until it is acknowledged; None when told to stop before that, or when the answer is a wrong one."""
        key = f"{self.number}-{time.monotonic_ns()}"
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        while not self.stop.is_set():
            try:
                reply = self.http.post(path, json=data, headers=headers)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if reply.status_code in (200, 201):
                self.acknowledged.append(reply.json())
                return dict(reply.json())
            is_overtaken = reply.status_code == 409 and reply.json()["type"] == "/problems/changed"
            if reply.status_code != 503 and not is_overtaken:
                self.wrong.append(f"{path}: {reply.status_code} {reply.text[:300]}")
                return None
            time.sleep(0.05)
        return None


def victims(serve: int, data: Path) -> dict[str, Callable[[], list[int]]]:
    """Return how to find the processes of a served exchange, by what they are: looked for anew at each kill."""

    def children(word: str, *, of: str | None = None) -> list[int]:
        found = [process for process in psutil.Process(serve).children() if word in " ".join(process.cmdline())]
        below = [child for process in found for child in process.children()] if of else found
        return [process.pid for process in below]

    def postmaster() -> list[int]:
        return [int((data / "postgres" / "postmaster.pid").read_text().split()[0])]

    return {
        "web": lambda: children("granian", of="workers"),
        "web server": lambda: children("granian"),
        "job worker": lambda: children("detainer.exchange.working"),
        "database": postmaster,
    }


def kill_one(chance: random.Random, serve: int, data: Path) -> str:
    """Kill one process, whichever chance picks; return what it was."""
    while True:
        what, find = chance.choice(list(victims(serve, data).items()))
        try:
            pid = chance.choice(find())
            psutil.Process(pid).send_signal(signal.SIGKILL)
        except (psutil.Error, OSError, IndexError, ValueError):
            time.sleep(0.05)  # it is just being started again
            continue
        return what
