"""What a channel is given to send, and what came of it."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from detainer.exchange.retrying import Failure
from detainer.record.event import Event


@dataclass(frozen=True)
class Message:
    """An event on its way to an agency, under the id of its delivery. A repetition is the same message again."""

    delivery: UUID
    from_agency: UUID
    to_agency: UUID
    event: Event
    is_test: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a try: accepted (`failure` None) or why not, in words that tell nothing of where the channel leads."""

    failure: Failure | None
    said: str = ""
    reply: str = ""
    retry_after: dt.timedelta | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver took it."""
        return self.failure is None


def accepted(reply: str = "") -> Outcome:
    """Return the outcome of a message that the receiver took."""
    return Outcome(None, reply=reply)
