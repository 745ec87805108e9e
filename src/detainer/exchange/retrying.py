"""When a delivery that failed is tried again: from the kind of its failure, how often it was tried, and its age. Pure."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

Failure = Literal[
    "unreachable",  # no connection, no name, or it broke off
    "timeout",
    "server_error",  # 5xx; a mail server's own trouble
    "busy",  # 429, 503 with Retry-After; a mailbox that is full
    "certificate",
    "forbidden_address",  # its name leads where the operator lets nothing go
    "redirect",
    "misdirected",  # 401, 403, 404, 405: the address or its secret is not what it was
    "refused",  # another 4xx: this message
    "misconfigured",  # ours: no mail server, a secret that cannot be read
    "gone",  # 410: wants no more
    "recipient",  # the mail server has no such recipient
]


@dataclass(frozen=True)
class Schedule:
    """How a kind of failure is met.

    `first` pause, doubled from try to try until `LONGEST`; None: never again. `of_all`: the destination failed and not the
    message, so nothing else is sent there meanwhile.
    """

    first: dt.timedelta | None
    of_all: bool = True


SOON: Final = dt.timedelta(seconds=5)
LATER: Final = dt.timedelta(minutes=1)
LONGEST: Final = dt.timedelta(hours=1)  # between two tries, whatever a receiver asks for
TRIED_FOR: Final = dt.timedelta(days=5)  # a receiver may be down for three days, over a weekend, and then some
TRIED_AT_LEAST: Final = 24  # times: a clock that jumps ahead by a week has not tried anything for a week

SCHEDULES: Final[dict[Failure, Schedule]] = {
    "unreachable": Schedule(SOON),
    "timeout": Schedule(SOON),
    "server_error": Schedule(SOON),
    "busy": Schedule(SOON),
    "certificate": Schedule(LATER),
    "forbidden_address": Schedule(LATER),
    "redirect": Schedule(LATER),
    "misdirected": Schedule(LATER),
    "misconfigured": Schedule(LATER),
    "refused": Schedule(LATER, of_all=False),
    "gone": Schedule(None),
    "recipient": Schedule(None, of_all=False),
}


def pause(
    failure: Failure, tries: int, age: dt.timedelta, jitter: float, asked: dt.timedelta | None = None
) -> dt.timedelta | None:
    """Return how long to wait after try number `tries`, None when a person must see to it.

    `age` is that of the delivery. `jitter` in [0, 1) spreads the pauses over half to one and a half of their length, so that not
    all who failed together come back together. `asked` is what the receiver asks for (Retry-After): at least that, up to LONGEST.
    """
    first = SCHEDULES[failure].first
    if first is None or (age >= TRIED_FOR and tries >= TRIED_AT_LEAST):
        return None
    doubled = min(first * 2 ** min(tries - 1, 20), LONGEST) * (0.5 + jitter)
    return min(max(doubled, asked or dt.timedelta()), LONGEST)


def is_due(at: dt.datetime | None, now: dt.datetime) -> bool:
    """Return whether the moment of the next try has come.

    One further ahead than the longest pause was set by a clock that has gone back since: it counts as come.
    """
    return at is None or at <= now or at > now + LONGEST


def of_status(status: int) -> Failure | None:
    """Return the kind of failure that an HTTP status is, None for one that accepts (RFC 9110, Standard Webhooks)."""
    if 200 <= status < 300:
        return None
    if status in _STATUSES:
        return _STATUSES[status]
    return _CLASSES.get(status // 100, "server_error")


_STATUSES: Final[dict[int, Failure]] = {
    401: "misdirected",
    403: "misdirected",
    404: "misdirected",
    405: "misdirected",
    408: "timeout",
    410: "gone",
    425: "busy",
    429: "busy",
}
_CLASSES: Final[dict[int, Failure]] = {3: "redirect", 4: "refused"}
