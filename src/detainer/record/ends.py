"""The one closed list of ways in which a request can have ended. It stands by itself: published data need it and no event."""

from typing import Final, Literal, get_args

OutcomeValue = Literal[
    "handed_over",
    "released_with_notice",
    "released_without_notice",
    "released",
    "declined",
    "withdrawn",
    "superseded",
    "duplicate",
    "not_in_custody",
    "passed_on",
    "died",
    "open",
    "unknown",
]
OUTCOMES: Final[tuple[OutcomeValue, ...]] = get_args(OutcomeValue)
