"""What the next step about a request depends on, and what a step is; the steps that both sides share. Pure."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from detainer.record import when
from detainer.record.views import RequestView, StayView
from detainer.web import words
from detainer.web.sides import Side, agency_of, decided


@dataclass(frozen=True)
class Step:
    """What to do: the command that does it (None: nothing, only to know), and until when. `ask` is the part it is about."""

    title: str
    text: str = ""
    command: str | None = None
    label: str = ""
    ask: str | None = None
    on_stay: bool = False
    due_at: dt.datetime | None = None
    is_late: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What the next step depends on: the request, whose side, now; the stay and the clocks as that side may see them."""

    view: RequestView
    side: Side
    now: dt.datetime
    stay: StayView | None = None
    hold_due_at: dt.datetime | None = None
    notice_due_at: dt.datetime | None = None
    answer_due_at: dt.datetime | None = None
    alarms: tuple[str, ...] = ()  # what this side's clocks are called that fired and that nobody has seen to
    zone: str = "UTC"
    user: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_release_due(self) -> bool:
        """True from the moment at which the person would be let out, while they are still here."""
        return self.stay is not None and self.stay.release_due is not None and self.stay.in_custody

    @property
    def owes_notice(self) -> bool:
        """True while a notice that was decided has not been given."""
        return decided(self.view, "notify") == "honour" and self.view.release_notice is None

    @property
    def promised_at(self) -> dt.datetime | None:
        """The end of the time within which the custodian said that it would answer."""
        by = self.view.chase.will_answer_by
        return when.parse(by, self.zone).to if by else None

    @property
    def comes_at(self) -> dt.datetime | None:
        """When the requester said that somebody would be there."""
        at = self.view.chase.comes_at
        return when.parse(at, self.zone).to if at else None

    def owes(self, kind: str) -> bool:
        """True while this side owes a receipt for an event of a kind."""
        me = agency_of(self.view, self.side)
        return any(owed.kind == kind and owed.to == me for owed in self.view.chase.owed)

    def is_past(self, at: dt.datetime | None) -> bool:
        """True from the instant on."""
        return at is not None and at <= self.now


Case = tuple[Callable[[Situation], bool], Callable[[Situation], Step]]


def always(_at: Situation) -> bool:
    """Return True: the last case of a table."""
    return True


def says(title: str, text: str = "", command: str | None = None, label: str = "", **more: object) -> Callable[[Situation], Step]:
    """Return what always makes the same step."""
    step = Step(title, text, command, label, **more)  # type: ignore[arg-type]
    return lambda _at: step


def ended(view: RequestView) -> Step:
    """Return the step of a request that has ended: how it did."""
    return Step(f"The request has ended: {words.OUTCOMES[view.outcome.value][0].lower()}")


CLAIM_ARRIVED: Final = says(
    "Say that the claim against the request arrived",
    "Who claims it must know that a named person has it. Then it is checked and answered.",
    "receive",
    "Send the receipt",
    also=("answer_contest",),
)


def _see_to_alarm(at: Situation) -> Step:
    return Step(
        f"See to the alarm: {at.alarms[0].lower()}",
        "A clock fired. Say above what you did about it.",
        "answer_clock",
        "See to it",
        is_late=True,
    )


ALARM: Final[Case] = (lambda at: bool(at.alarms), _see_to_alarm)
