"""Which span of a rule a day falls in, and what that means for the rule."""

import datetime as dt
from typing import Literal

from detainer.law import truth
from detainer.law.dates import begun
from detainer.law.rules import Span

Standing = Literal["stands", "doubtful", "suspended", "not_yet_or_over"]


def _covers(span: Span, on: dt.date) -> truth.Truth:
    ended = begun(span.until, on) if span.until else truth.FALSE
    return truth.AND[begun(span.from_, on)][truth.NOT[ended]]


def span_on(spans: tuple[Span, ...], on: dt.date) -> tuple[Standing, Span]:
    """Return how a rule stands on a day, with the span that says so.

    `doubtful` when the day lies in a month or year within which the rule began or ended; `suspended` when the span is
    enjoined, stayed, repealed or pending. When no span covers the day the nearest one is returned.
    """
    for wanted in (truth.TRUE, truth.UNKNOWN):
        for span in spans:
            if _covers(span, on) == wanted:
                if span.state != "in_force":
                    return "suspended", span
                return ("stands" if wanted == truth.TRUE else "doubtful"), span
    later = [span for span in spans if span.from_ and span.from_.first > on]
    return "not_yet_or_over", (later[0] if later else spans[-1])
