"""The exchange that is measured: its own PostgreSQL, the web server as `detainer serve` runs it, two agencies, one facility.

The worker does not run: what it does after a command would be counted to whoever is measured next.
"""

import contextlib
import datetime as dt
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detainer.exchange import database, processes

FACILITY = "ESSEXMA"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Exchange:
    """A running exchange: its database, its port, the tokens of the requester and the custodian, a clerk's session cookie."""

    addresses: database.Addresses
    port: int
    requester: str
    custodian: str
    cookie: str


@contextlib.contextmanager
def running(data: Path) -> Iterator[Exchange]:
    """Run an exchange on an empty data directory until the block ends."""
    os.environ |= {"DETAINER_SECRET_KEY": secrets.token_urlsafe(50)}
    env = processes.environment(data)
    with database.running(data) as addresses:
        processes.migrate(addresses, env)
        database.use(addresses.owner, pool=False)
        tokens, cookie = _entered()
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", *processes.web_command(HOST, port)]
        web = subprocess.Popen(command, env={**env, "DETAINER_DATABASE": addresses.service})
        try:
            _wait(port)
            yield Exchange(addresses, port, *tokens, cookie)
        finally:
            web.terminate()
            web.wait(20)


def _entered() -> tuple[list[str], str]:
    from django.test import Client  # noqa: PLC0415  (after Django's set-up)

    from detainer.exchange import register  # noqa: PLC0415

    place = {"jurisdiction": "us/ma/essex", "name": "Essex"}
    agencies = [
        register.AgencyEntry(key="ero", kinds=("requester",), **place),
        register.AgencyEntry(key="sheriff", kinds=("custodian",), **place),
    ]
    facility = register.FacilityEntry(code=FACILITY, agency="sheriff", kind="jail", county="Essex", state="MA", **place)
    register.enter(agencies, [facility])
    now = dt.datetime.now(dt.UTC)
    tokens = [register.add_token(key, "bench", scopes, now=now) for key, scopes in _SCOPES]
    browser = Client()
    browser.force_login(register.add_user("clerk", secrets.token_urlsafe(20), "sheriff", ["clerk"]))
    return tokens, f"session={browser.cookies['session'].value}"


_SCOPES = (("ero", ["request", "read"]), ("sheriff", ["custody", "read"]))


def _wait(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
            connection.request("GET", "/livez")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


class Caller:
    """One client and its connection, kept open from call to call."""

    def __init__(self, exchange: Exchange, token: str = "") -> None:
        self.connection = http.client.HTTPConnection(HOST, exchange.port, timeout=300)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {"Cookie": exchange.cookie}
        self.called = time.monotonic()

    def get(self, path: str) -> bytes:
        """Return what is at a path."""
        return self._call("GET", path, None, {})

    def post(self, path: str, body: bytes, kind: str = "application/json", **headers: str) -> Any:
        """Send a body and return the JSON of the reply."""
        return json.loads(self._call("POST", path, body, {"Content-Type": kind, **headers}))

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        if time.monotonic() - self.called > 5:  # the server may have given up on it
            self.connection.close()
        self.connection.request(method, path, body, {**self.headers, **headers})
        reply = self.connection.getresponse()
        told = reply.read()
        self.called = time.monotonic()
        if reply.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {reply.status} {told[:500]!r}")
        return told
