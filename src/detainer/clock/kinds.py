"""The kinds of clock: what each is called, who must act, and when it warns, runs out and fires again. One table."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal[
    "hold_expiry", "hold_without_request", "notice_lead", "notice_due", "service_due", "answer_due", "receipt_due",
    "contest_due", "pick_up", "consent_expiry",
]  # fmt: skip
Step = Literal["warning", "due", "reminder", "second_contact", "escalation", "repeat"]
Whose = Literal["custodian", "requester", "whoever owes it"]

_REMINDERS: tuple[Step, ...] = ("reminder", "reminder", "reminder", "second_contact", "escalation")


class ClockKind(BaseModel):
    """One kind of clock. It warns `warns` before it is due, takes the steps of `ladder` from then on, and repeats.

    The first step of the ladder is taken at the hour itself, each further one, and each repeat, `every` later; None is the
    clock's own length (a reminder of what was due within ten minutes comes every ten), or, without `repeats`, never.
    A named person who says that a clock is seen to ends its repeats, but for those that only the act itself ends.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    whose: Whose
    warns: tuple[timedelta, ...] = ()
    ladder: tuple[Step, ...] = ("due",)
    every: timedelta | None = None
    repeats: bool = True
    only_the_act_ends_it: bool = False
    second_contact: frozenset[Step] = frozenset()


_HOURS = {hours: timedelta(hours=hours) for hours in (1, 4, 12, 24)}
_HALF_AN_HOUR = timedelta(minutes=30)
_OVER_HOLD: frozenset[Step] = frozenset({"due", "repeat"})
_LADDER: frozenset[Step] = frozenset({"second_contact", "escalation", "repeat"})

KINDS: Mapping[Kind, ClockKind] = MappingProxyType(
    {
        "hold_expiry": ClockKind(
            name="Hold must end",
            label="until when a person may be held",
            whose="custodian",
            warns=(_HOURS[12], _HOURS[4], _HOURS[1]),
            every=_HALF_AN_HOUR,
            second_contact=_OVER_HOLD,
        ),
        "hold_without_request": ClockKind(
            name="Held without a request",
            label="a person is held although the request has ended: release, or say what else keeps them",
            whose="custodian",
            every=_HALF_AN_HOUR,
            second_contact=_OVER_HOLD,
        ),
        "notice_lead": ClockKind(
            name="Notice asked for",
            label="how early the form asks for notice of a release",
            whose="custodian",
            warns=(_HOURS[12], _HOURS[4], _HOURS[1]),
            every=_HOURS[4],
        ),
        "notice_due": ClockKind(
            name="Notice due",
            label="until when the law wants the requester told of a release",
            whose="custodian",
            warns=(_HOURS[4], _HOURS[1]),
            every=_HALF_AN_HOUR,
        ),
        "service_due": ClockKind(
            name="Copy due",
            label="until when the person is given the copy, or told",
            whose="custodian",
            warns=(_HOURS[4], _HOURS[1]),
            every=_HOURS[24],
        ),
        "answer_due": ClockKind(
            name="Answer due",
            label="until when every ask is answered",
            whose="custodian",
            ladder=_REMINDERS,
            only_the_act_ends_it=True,
            second_contact=_LADDER,
        ),
        "receipt_due": ClockKind(
            name="Receipt due",
            label="until when a named person says that it arrived",
            whose="whoever owes it",
            ladder=_REMINDERS,
            only_the_act_ends_it=True,
            second_contact=_LADDER,
        ),
        "contest_due": ClockKind(
            name="Claim to be answered",
            label="until when a claim against the request is answered",
            whose="whoever owes it",
            warns=(_HOURS[4], _HOURS[1]),
            every=_HOURS[4],
            second_contact=frozenset({"repeat"}),
        ),
        "pick_up": ClockKind(
            name="Pick-up promised",
            label="when the requester said that it would come",
            whose="requester",
            warns=(_HOURS[1],),
            every=_HOURS[1],
        ),
        "consent_expiry": ClockKind(
            name="Consent ends",
            label="until when the person's consent was given",
            whose="custodian",
            warns=(_HOURS[24],),
            repeats=False,
        ),
    }
)
