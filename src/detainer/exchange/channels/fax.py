"""Fax, by an e-mail to a gateway: a PDF with a cover sheet, whose reference and code whoever has it types to acknowledge."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Final

from django.conf import settings

from detainer.exchange import refusals
from detainer.exchange.channels import mail, paper
from detainer.exchange.channels.message import Message, Outcome
from detainer.exchange.models import Channel

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164


def check(address: str) -> str:
    """Return the number as it is kept. Raises Refused: for one that is none, and where the exchange has no gateway."""
    if "{number}" not in settings.FAX_GATEWAY or not settings.EMAIL_HOST:
        raise refusals.one_field("kind", "this exchange has no fax gateway: its operator sets one (DETAINER_FAX, DETAINER_MAIL)")
    number = re.sub(r"[\s().-]", "", address)
    number = number if number.startswith("+") else f"+1{number}" if len(number) == 10 else f"+{number}"
    if not _NUMBER.fullmatch(number):
        raise refusals.one_field("address", "a fax number with its country: +1 617 555 0100")
    return number


@contextlib.contextmanager
def sender(channel: Channel) -> Iterator[Callable[[Message], Outcome]]:
    """Yield what sends papers to one number of the gateway."""
    recipient = settings.FAX_GATEWAY.format(number=channel.address.removeprefix("+"))
    with mail.connected() as post:
        yield lambda message: post(_letter(message, recipient))


def _letter(message: Message, recipient: str) -> mail.mail.EmailMessage:
    files = [] if message.is_test else [("detainer.pdf", paper.pdf_of(message), "application/pdf")]
    return mail.written(message, recipient, "Please deliver the attached pages." if files else "", files)
