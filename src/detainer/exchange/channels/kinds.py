"""The table of the channels that an agency may have beside its inbox."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Literal, get_args

from detainer.exchange.channels import fax, mail, webhook
from detainer.exchange.channels.message import Message, Outcome
from detainer.exchange.models import Channel

Kind = Literal["webhook", "email", "second_email", "fax"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class Way:
    """How a kind of channel works: what its address must be, and what sends by it (one thread, one destination, in order)."""

    check: Callable[[str], str]
    sender: Callable[[Channel], AbstractContextManager[Callable[[Message], Outcome]]]
    is_signed: bool = False


WAYS: Final[dict[str, Way]] = {
    "webhook": Way(webhook.check, webhook.sender, is_signed=True),
    "email": Way(mail.check, mail.sender),
    "second_email": Way(mail.check, mail.sender),
    "fax": Way(fax.check, fax.sender),
}
