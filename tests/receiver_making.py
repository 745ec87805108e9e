"""Receivers outside the exchange, real ones on loopback: an HTTPS server that answers as a test tells it, and a mail server."""

import contextlib
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller

LOOPBACK = "127.0.0.0/8,::1/128"
Answer = Callable[[Any], None]


@cache
def authority() -> trustme.CA:
    """The authority that the receivers' certificates are of."""
    return trustme.CA()


@cache
def authorities() -> str:
    """The file of that authority, as an operator names it."""
    path = Path(tempfile.mkdtemp(prefix="detainer-authority-")) / "authority.pem"
    authority().cert_pem.write_to_path(path)
    return str(path)


@dataclass
class Receiver:
    """A webhook's receiver: where it is, what it got, its answers one after another (the last one for all that follow)."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        """The ids of what it got, in order."""
        return [headers["webhook-id"] for headers, _ in self.got]


def says(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """Answers with a status, a body and headers (`Retry_After`)."""

    def answer(to: Any) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return answer


def never(to: Any) -> None:
    """Does not answer."""
    to.server.receiver.stopped.wait(30)


def slowly(to: Any) -> None:
    """Sends the head of its answer a byte at a time, each well within any time limit for one read."""
    for letter in b"HTTP/1.1 200 OK\r\nX-Much: " + b"a" * 1000:
        if to.server.receiver.stopped.wait(0.05):
            return
        to.wfile.write(bytes([letter]))
        to.wfile.flush()


def _endless(pause: float) -> Answer:
    def answer(to: Any) -> None:
        to.send_response(200)
        to.send_header("Content-Length", str(10**9))
        to.end_headers()
        for sent in range(0, 10**9, 100_000):
            if to.server.receiver.stopped.wait(pause):
                return
            to.wfile.write(b"a" * (1 if pause else 100_000))
            to.server.receiver.sent = sent

    return answer


a_gigabyte, trickling = _endless(0), _endless(0.05)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        receiver.got.append((dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"]))))
        answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
        with contextlib.suppress(OSError):
            answer(self)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Says nothing: a client that goes away is what is tested."""


@contextlib.contextmanager
def receiving(*answers: Answer, name: str = "localhost", port: int = 0, tls: bool = True) -> Iterator[Receiver]:
    """Run a receiver whose certificate is for `name` until the block ends; it is reached as localhost."""
    server = _Server(("127.0.0.1", port), _Handler)
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority().issue_cert(name).configure_cert(context)
        # The handshake is each thread's own: one client that does not come through it keeps no other waiting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver = Receiver(
        f"http{'s' if tls else ''}://localhost:{server.server_address[1]}/hook", answers=[*(answers or (says(),))]
    )
    server.receiver = receiver  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def allowing(networks: str = LOOPBACK, seconds: float = 10.0, **more: Any) -> Iterator[None]:
    """The settings of an operator who lets webhooks go to these networks, trusts the receivers' authority, and waits so long."""
    from django.test import override_settings

    told = {"CHANNEL_NETWORKS": networks, "CHANNEL_AUTHORITIES": authorities(), "WEBHOOK_SECONDS": seconds, **more}
    with override_settings(**told):
        yield


@dataclass
class MailServer:
    """A mail server: what it took, and what it answers to each recipient (None: takes it)."""

    port: int = 0
    took: list[Any] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _: Any) -> str:  # noqa: N802
        """Answer to a recipient."""
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter."""
        self.took.append(envelope)
        return "250 2.0.0 OK"


@contextlib.contextmanager
def mailing(**more: Any) -> Iterator[MailServer]:
    """Run a mail server, and be an operator who has set it, until the block ends."""
    from django.test import override_settings

    mails = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        mails.port = probe.getsockname()[1]
    controller = Controller(mails, hostname="127.0.0.1", port=mails.port)
    controller.start()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    told = {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": mails.port, **more}
    try:
        with override_settings(DEFAULT_FROM_EMAIL="detainer@exchange.example", EXCHANGE_URL="https://exchange.example", **told):
            yield mails
    finally:
        controller.stop()


def soon(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "did not come about in time"
        time.sleep(0.01)
