"""How the pages say the record's words to a person. Pure: no Django, no database."""

from typing import Final

from detainer.clock.kinds import KINDS

ASKS: Final = {
    "notify": "Notify before release",
    "hold": "Hold past release",
    "transfer": "Hand over",
    "share": "Share information",
    "interview": "Allow an interview",
}

# value -> (words, tone). A tone is a class `det-tag--TONE` of detainer.css; the words alone say it all.
ANSWERS: Final = {
    "must": ("Must", "must"),
    "may": ("May", "may"),
    "must_not": ("Must not", "must-not"),
    "needs_facts": ("Needs facts", "needs-facts"),
    "conflict": ("Laws conflict", "conflict"),
    "ask_counsel": ("Ask counsel", "ask-counsel"),
}
CHOICES: Final = {"honour": ("Will do", "done"), "decline": ("Declined", "plain")}
DISPOSITIONS: Final = {
    "honoured": ("Honoured", "done"),
    "declined": ("Declined", "plain"),
    "overtaken": ("Overtaken by events", "plain"),
    "open": ("Open", "open"),
}
OUTCOMES: Final = {
    "handed_over": ("Handed over", "plain"),
    "released_with_notice": ("Released with notice", "plain"),
    "released_without_notice": ("Released without notice", "plain"),
    "released": ("Released, how is not known", "plain"),
    "declined": ("Declined", "plain"),
    "withdrawn": ("Withdrawn", "plain"),
    "superseded": ("Replaced by a later request", "plain"),
    "duplicate": ("Duplicate", "plain"),
    "not_in_custody": ("Not in custody here", "plain"),
    "passed_on": ("Passed on with the person", "plain"),
    "died": ("Died", "plain"),
    "open": ("Open", "open"),
    "unknown": ("Not known", "unknown"),
}
# Why the two sides' books differ on a request (reconciliation).
DIFFERENCES: Final = {
    "held_without_request": "Held without a live request",
    "never_delivered": "Never delivered",
    "not_opened": "Delivered, not opened",
    "not_acknowledged": "Opened, not acknowledged",
    "misdirected": "Misdirected",
    "not_here": "Person no longer there",
    "relayed": "Passed on",
    "awaiting": "Awaiting a decision",
    "ended_before_answer": "Ended before it was answered",
}
STATES: Final = {
    # a request
    "lodged": ("Sent, no receipt yet", "wait"),
    "delivered": ("Received, not acknowledged", "wait"),
    "acknowledged": ("Acknowledged", "open"),
    "decided": ("Decided", "open"),
    "notified": ("Notice given", "open"),
    "holding": ("Held now", "urgent"),
    "hold_ended": ("Hold ended", "open"),
    "not_here": ("Not here", "plain"),
    "handed_over": ("Handed over", "plain"),
    "cancelled": ("Withdrawn", "plain"),
    "closed": ("Closed", "plain"),
    # a stay
    "arrested": ("Arrested", "open"),
    "in_custody": ("In custody", "open"),
    "release_due": ("Release due", "urgent"),
    "transferred": ("Transferred", "plain"),
    "released": ("Released", "plain"),
    "died": ("Died", "plain"),
    "escaped": ("Escaped", "urgent"),
    # a delivery
    "queued": ("Waiting to be sent", "wait"),
    "sent": ("Sent, no receipt yet", "wait"),
    "received": ("Received", "done"),
    "failed": ("Could not be delivered", "urgent"),
}

EVENTS: Final = {
    "arrested": "Arrested",
    "booked": "Booked",
    "charged": "Charged",
    "court_appeared": "Before the court",
    "release_planned": "Release planned",
    "release_due": "Release became due",
    "moved": "Moved",
    "transferred": "Transferred to another custodian",
    "released": "Released",
    "died": "Died",
    "escaped": "Escaped",
    "release_checked": "Looked at what a release would leave undone",
    "lodged": "Request lodged",
    "delivered": "Request received",
    "opened": "Opened",
    "received": "Receipt",
    "will_answer": "Said when it will answer",
    "acknowledged": "Request acknowledged",
    "not_here": "Said that the person is not here",
    "served": "Copy served on the person",
    "answered": "The law's answers recorded",
    "decision_proposed": "Decision proposed, waits for a second person",
    "decided": "Decided",
    "notice_given": "Notice given",
    "notice_received": "Notice received",
    "hold_started": "Hold started",
    "hold_ended": "Hold ended",
    "handed_over": "Handed over",
    "relayed": "Request passed on to another custodian",
    "cancelled": "Request withdrawn",
    "cancel_received": "Withdrawal received",
    "contested": "Request contested",
    "contest_answered": "Contest answered",
    "consented": "Asked for consent",
    "document_made": "Paper made",
    "clock_fired": "A clock fired",
    "clock_answered": "Alarm seen to",
    "stated": "Statement",
    "corrected": "Correction",
    "closed": "Closed",
    "encountered": "Encountered",
    "notice_to_appear_issued": "Notice to appear issued",
    "released_on_notice": "Released on the notice to appear",
    "supervision_enrolled": "Supervision began",
    "supervision_ended": "Supervision ended",
    "taken_into_custody": "Taken into the requester's custody",
    "hearing": "Immigration hearing",
    "ordered": "Order of the immigration court",
    "removed": "Removed",
}

# How a clock fires, {number} being the how manieth time it is.
STEPS: Final = {
    "warning": "warning",
    "due": "the time is up",
    "reminder": "reminder {number}",
    "second_contact": "second contact told",
    "escalation": "escalated to a supervisor",
    "repeat": "still nobody acted",
}
CHANNELS: Final = {
    "inbox": "Inbox of this exchange",
    "webhook": "Its own system (webhook)",
    "email": "E-mail",
    "second_email": "E-mail of the second contact",
    "fax": "Fax",
    "paper": "Paper",
}
_CHANNELS_IN_SHORT: Final = {"webhook": "its own system", "email": "e-mail", "second_email": "second contact", "paper": "paper"}
PRIORITIES: Final = {"urgent": "Urgent", "routine": "Routine"}
# What an agency must say that it has (record.chasing.DEMANDS_RECEIPT), and the same as a thing.
OWED: Final = {"cancelled": "the withdrawal", "relayed": "the request that was passed on", "contested": "the claim"}


def clock(kind: str) -> str:
    """Return what a clock is called."""
    return KINDS[kind].name if kind in KINDS else said(kind)


def channel_in_short(channel: str) -> str:
    """Return a channel in a word or two."""
    return _CHANNELS_IN_SHORT.get(channel, channel)


def step(code: str, number: int) -> str:
    """Return how a clock fired: `reminder 2`, `the time is up`."""
    return STEPS.get(code, plain(code)).format(number=number)


def plain(code: str) -> str:
    """Return a code of the record as words: `bail_posted` is `bail posted`."""
    return str(code).replace("_", " ")


def said(code: str) -> str:
    """Return a code as the start of a sentence, from the lists above where they know it."""
    words = EVENTS.get(code) or ASKS.get(code) or plain(code)
    return words[:1].upper() + words[1:]
