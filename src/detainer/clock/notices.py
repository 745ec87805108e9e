"""How early a notice of release is asked for, and how early one was: a lead time in minutes, never a yes or no."""

from datetime import datetime, timedelta

from detainer.clock.deadlines import Deadline
from detainer.clock.moments import utc, zone_named
from detainer.clock.wording import changes_in_words, listed, moment_in_words

NOTICE_TARGET_HOURS = 48
"""The form asks for notice as early as practicable, at least 48 hours before release if possible; no penalty."""


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
    release, known, place = utc(release_planned, "release_planned"), utc(known_at, "known_at"), zone_named(zone)
    target = release - timedelta(hours=NOTICE_TARGET_HOURS)
    changes = changes_in_words(target, release, place)
    over = f", over {listed(changes)}" if changes else ""
    at_once = f"; known only at {moment_in_words(known, place)}, so due at once" if known > target else ""
    return Deadline(
        kind="notice_lead",
        rule="us-287.7-a-request/form_i_247a",
        label="what the form asks: notice as early as practicable, at least 48 hours before release if possible",
        starts_at=known,
        due_at=max(known, target),
        hours=NOTICE_TARGET_HOURS,
        excluded=(),
        governs=True,
        arithmetic=(
            f"{NOTICE_TARGET_HOURS} h before {moment_in_words(release, place)}{over}: {moment_in_words(target, place)}{at_once}"
        ),
        cite="Form I-247A",
        source="dokumen.tips, stored copy of Form I-247A (02/17)",
    )
