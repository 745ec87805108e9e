"""The webhook: a CloudEvents 1.0 body with the signature of Standard Webhooks, sent to the agency's own server."""

import contextlib
import datetime as dt
import email.utils
import ssl
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from cloudevents.core.bindings.http import to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from django.conf import settings
from standardwebhooks import Webhook

from detainer.exchange import refusals, retrying
from detainer.exchange.channels import connecting, keys
from detainer.exchange.channels.message import Message, Outcome
from detainer.exchange.models import Channel

KEPT: Final = 300  # characters of a reply
_FORMAT: Final = JSONFormat()


def check(address: str) -> str:
    """Return the address as it is kept. Raises Refused: for one that is no https address, or leads where nothing may go.

    http is for networks that the operator allows, where nothing crosses a public one.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise refusals.one_field("address", f"[{address}] is no address: {error}") from error
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.password or parts.fragment:
        raise refusals.one_field(
            "address", "an https address without user, password or #: https://records.example/hooks/detainer"
        )
    is_plain = parts.scheme == "http"
    try:
        connecting.looked_up(host, port or (80 if is_plain else 443), allowed(), only_allowed=is_plain)
    except connecting.Forbidden as error:
        why = "http only goes to networks that the operator allows; use https" if is_plain else "it is not a public address"
        raise refusals.one_field("address", f"[{host}] {error}: {why} (DETAINER_NETWORKS)") from error
    except (OSError, UnicodeError) as error:
        raise refusals.one_field("address", f"[{host}] leads nowhere: no such name is known") from error
    return address


def allowed() -> tuple[connecting.Network, ...]:
    """Return the networks that the operator allows beside the public one."""
    return connecting.networks(settings.CHANNEL_NETWORKS)


@lru_cache(maxsize=4)
def _context(authorities: str) -> ssl.SSLContext:
    """Return how certificates are checked: against the public authorities, and those in a file that the operator names."""
    context = httpx.create_ssl_context(trust_env=False)
    if authorities:
        context.load_verify_locations(authorities)
    return context


@contextlib.contextmanager
def sender(channel: Channel) -> Iterator[Callable[[Message], Outcome]]:
    """Yield what sends messages to a webhook one after another, over one connection where the receiver keeps it open."""
    backend = connecting.Guarded(allowed(), only_allowed=channel.address.startswith("http:"))
    # The transport alone: no redirect is followed, no proxy, cookie or password of the environment is taken.
    with connecting.Transport(_context(settings.CHANNEL_AUTHORITIES), backend) as transport:
        try:
            signers = [Webhook(secret) for secret in keys.opened(channel.secrets)]
        except keys.Unreadable:
            yield lambda _: Outcome("misconfigured", "the secret that signs it cannot be read; the receiver must make a new one")
            return
        yield lambda message: _send(transport, backend, channel.address, signers, message)


def body_of(message: Message) -> bytes:
    """Return the body: the event whole, under its own id, and the same bytes at every try."""
    event = message.event
    kind = "test" if message.is_test else f"request.{event.kind}"
    attributes: dict[str, Any] = {
        "id": str(event.id),
        "source": f"urn:uuid:{message.from_agency}",
        "type": f"org.detainer.{kind}.v1",
        "subject": str(event.stream),
        "time": event.recorded_at,
        "datacontenttype": "application/json",
    }
    return to_structured(CloudEvent(attributes, event.model_dump(mode="json")), _FORMAT).body


def headers_of(message: Message, body: bytes, signers: list[Webhook], now: dt.datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks: the message's id, the moment of this try, a signature by each live secret."""
    signatures = [signer.sign(str(message.event.id), now, body.decode()) for signer in signers]
    return {
        "content-type": "application/cloudevents+json",
        "webhook-id": str(message.event.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "user-agent": "Detainer",
    }


def _send(
    transport: httpx.BaseTransport, backend: connecting.Guarded, address: str, signers: list[Webhook], message: Message
) -> Outcome:
    body = body_of(message)
    headers = headers_of(message, body, signers, dt.datetime.now(dt.UTC))
    backend.begin(settings.WEBHOOK_SECONDS)
    try:
        reply = transport.handle_request(httpx.Request("POST", address, content=body, headers=headers))
        try:
            return _outcome(reply, _head(reply))
        finally:
            reply.close()
    except connecting.Forbidden:
        return Outcome("forbidden_address", "its name leads to an address that the exchange may not speak to")
    except httpx.TimeoutException:
        return Outcome("timeout", f"no answer within {settings.WEBHOOK_SECONDS:g} seconds")
    except httpx.ConnectError as error:
        if _of_certificate(error):
            return Outcome("certificate", "its certificate is not valid for it")
        return Outcome("unreachable", "no connection could be made")
    except (httpx.TransportError, ssl.SSLError):
        return Outcome("unreachable", "the connection broke off before an answer")


def _of_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _head(reply: httpx.Response) -> str:
    """Return the beginning of what a receiver replied; what is longer, or slower, than anybody needs is not read."""
    head = b""
    with contextlib.suppress(httpx.TransportError, httpx.DecodingError, ssl.SSLError):  # it has answered: its status counts
        for part in reply.iter_raw():
            head += part
            if len(head) >= settings.WEBHOOK_REPLY_BYTES:
                break
    text = head[: KEPT * 4].decode(errors="replace")[:KEPT]
    return f"{reply.status_code} " + "".join(letter if letter.isprintable() else " " for letter in text)


def _outcome(reply: httpx.Response, head: str) -> Outcome:
    failure = retrying.of_status(reply.status_code)
    if failure is None:
        return Outcome(None, reply=str(reply.status_code))
    asked = _retry_after(reply.headers.get("retry-after", ""))
    if asked is not None and failure == "server_error":
        failure = "busy"
    return Outcome(failure, f"answered {reply.status_code}", head, asked)


def _retry_after(told: str) -> dt.timedelta | None:
    """Return how long a receiver asks to wait: seconds or a date (RFC 9110), None where it says nothing that can be read."""
    if told.isdecimal():
        return dt.timedelta(seconds=min(int(told[:9]), 10**6))
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        at = email.utils.parsedate_to_datetime(told)
        return max(at.astimezone(dt.UTC) - dt.datetime.now(dt.UTC), dt.timedelta()) if at.tzinfo else None
    return None
