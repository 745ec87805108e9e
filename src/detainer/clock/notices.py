"""How early a notice of release is asked for, and how early one was: a lead time in minutes, never a yes or no."""

from datetime import datetime, timedelta

from detainer.clock.deadlines import Deadline, deadline
from detainer.clock.moments import utc
from detainer.clock.rules import CountingRule

NOTICE_TARGET_HOURS = 48
"""The form asks for notice as early as practicable, at least 48 hours before release if possible; no penalty."""

FORM_I_247A_NOTICE = CountingRule(
    rule="us-287.7-a-request/form_i_247a",
    label="what the form asks: notice as early as practicable, at least 48 hours before release if possible",
    hours=NOTICE_TARGET_HOURS,
    direction="backward",
    cite="Form I-247A",
    source="dokumen.tips, stored copy of Form I-247A (02/17)",
)


def notice_lead(notice_at: datetime, release_at: datetime) -> int:
    """How long before the release the notice was given: whole elapsed minutes, rounded down; negative when after it.

    It is a measure, not a judgement: whether a notice was of use depends on the hand-over that it left time for.
    Raises ValueError when a moment has no time zone.
    """
    return (utc(release_at, "release_at") - utc(notice_at, "notice_at")) // timedelta(minutes=1)


def notice_target(release_planned: datetime, *, known_at: datetime, zone: str) -> Deadline:
    """When a notice of a planned release should be given: 48 elapsed hours before it, or at once if that is past.

    `known_at` is when the custodian came to know of the planned release while the request was there; a notice cannot
    be due before. `zone` is the facility's time zone.
    Raises ValueError when a moment has no time zone or the zone is unknown.
    Source of the rule: the request for notice of Form I-247A.
    """
    release, known = utc(release_planned, "release_planned"), utc(known_at, "known_at")
    return deadline("notice_lead", release, FORM_I_247A_NOTICE, zone=zone, known_at=known)
