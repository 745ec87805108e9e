"""E-mail: a link and a reference, never a person's data. The envelope and the Message-ID tell which delivery comes back."""

import contextlib
import hashlib
import hmac
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from detainer.exchange import refusals
from detainer.exchange.channels import keys
from detainer.exchange.channels.message import Message, Outcome, accepted
from detainer.exchange.models import Channel
from detainer.exchange.retrying import Failure

WORDS: Final[dict[str, str]] = {
    "lodged": "a request is waiting for your agency",
    "relayed": "a request was passed on",
    "cancelled": "a request was cancelled; say that you have it",
    "contested": "a claim was made against a request; it must be answered",
    "notice_given": "a notice was given",
    "clock_fired": "a time limit warns or has run out",
}
_RETURN_PATH: Final = re.compile(r"\+?([0-9a-f]{32})\.([0-9a-f]{8})@")


def check(address: str) -> str:
    """Return the address as it is kept. Raises Refused: for one that is none, and where the exchange has no mail server."""
    if not settings.EMAIL_HOST:
        raise refusals.one_field("kind", "this exchange has no mail server: its operator sets one (DETAINER_MAIL)")
    try:
        validate_email(address)
    except ValidationError as error:
        raise refusals.one_field("address", "one e-mail address, such as desk@records.example") from error
    return address


def reference_of(stream: UUID) -> str:
    """Return the short reference by which people speak of a request; it names nobody and opens nothing."""
    last = stream.hex[-8:].upper()
    return f"{last[:4]}-{last[4:]}"


def mark_of(delivery: UUID) -> str:
    """Return what marks a message as that of a delivery, with a tag that nobody else can make."""
    tag = hmac.new(keys.key_for("marks of mail"), delivery.bytes, hashlib.sha256).hexdigest()[:8]
    return f"{delivery.hex}.{tag}"


def marked(text: str) -> UUID | None:
    """Return the delivery that an address or a Message-ID marks, None where it marks none of ours."""
    for found in _RETURN_PATH.finditer(text):
        delivery = UUID(found[1])
        if hmac.compare_digest(mark_of(delivery), f"{found[1]}.{found[2]}"):
            return delivery
    return None


@contextlib.contextmanager
def sender(channel: Channel) -> Iterator[Callable[[Message], Outcome]]:
    """Yield what sends messages to one recipient over one connection to the operator's mail server."""
    with connected() as post:
        yield lambda message: post(written(message, channel.address))


@contextlib.contextmanager
def connected() -> Iterator[Callable[[mail.EmailMessage], Outcome]]:
    """Yield what posts a letter, over a connection that is made with the first."""
    if not settings.EMAIL_HOST:
        yield lambda _: Outcome("misconfigured", "this exchange has no mail server")
        return
    connection = mail.get_connection()
    try:
        yield lambda letter: _post(connection, letter)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.close()


def written(message: Message, recipient: str, text: str = "", files: Sequence[tuple[str, bytes, str]] = ()) -> mail.EmailMessage:
    """Return the letter: what it is about by its reference, the link, and `text`."""
    box, _, domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")
    reference = reference_of(message.event.stream)
    what = "this is a test" if message.is_test else WORDS.get(message.event.kind, "there is news of a request")
    link = settings.EXCHANGE_URL if message.is_test else f"{settings.EXCHANGE_URL}/requests/{message.event.stream}"
    body = [f"Detainer: {what}.", f"Reference {reference}", text or f"Sign in to see it: {link}", _FOOT]
    letter = mail.EmailMessage(
        subject=f"Detainer {reference}: {what}",
        body="\n\n".join(body),
        from_email=f"{box}+{mark_of(message.delivery)}@{domain}",  # where what cannot be delivered comes back to
        to=[recipient],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": f"<{mark_of(message.delivery)}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    for name, content, kind in files:
        letter.attach(name, content, kind)
    return letter


_FOOT: Final = "This message names nobody and is sent by a machine. Nothing in it is legal advice."


def _post(connection: Any, letter: mail.EmailMessage) -> Outcome:
    try:
        connection.open()
        connection.send_messages([letter])
    except smtplib.SMTPRecipientsRefused as error:
        code, told = next(iter(error.recipients.values()))
        return Outcome("recipient" if code >= 500 else "busy", f"the mail server refused the recipient: {_coded(code, told)}")
    except smtplib.SMTPResponseException as error:
        return Outcome(_of_reply(error), f"the mail server answered {_coded(error.smtp_code, error.smtp_error)}")
    except (smtplib.SMTPException, OSError) as error:
        return next(outcome for kind, outcome in _OF_ERROR if isinstance(error, kind))
    return accepted()


# The first that fits; smtplib's own errors are OSErrors, too.
_OF_ERROR: Final[tuple[tuple[type[Exception], Outcome], ...]] = (
    (ssl.SSLError, Outcome("certificate", "the mail server's certificate is not valid for it")),
    (TimeoutError, Outcome("timeout", "the mail server did not answer in time")),
    (OSError, Outcome("unreachable", "no connection to the mail server, or it broke off")),
)


def _of_reply(error: smtplib.SMTPResponseException) -> Failure:
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused) and error.smtp_code >= 500:
        return "misconfigured"
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return "refused"
    return "busy" if 400 <= error.smtp_code < 500 else "server_error"


def _coded(code: int, told: bytes | str) -> str:
    """Return a mail server's reply as its codes alone: its words may repeat the address."""
    text = told.decode(errors="replace") if isinstance(told, bytes) else told
    extended = re.match(r"\s*(\d\.\d{1,3}\.\d{1,3})\b", text)
    return f"{code} {extended[1]}" if extended else str(code)
