"""What the pages of the law share: the day asked about, places as links, and how a provision is shown. Open to anybody."""

import datetime as dt
from typing import Any, Final

from django.urls import reverse

from detainer import law
from detainer.law import gazetteer
from detainer.law.answers import SpanShown
from detainer.law.reading import ProvisionShown
from detainer.web import words

FIRST, LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
CONFIDENCE: Final = {"high": "well sourced", "medium": "partly sourced", "low": "poorly sourced"}
STANDING: Final = {
    "stands": ("In force", "done"),
    "doubtful": ("In force? The date is known only roughly", "wait"),
    "suspended": ("Not in force", "urgent"),
    "not_yet_or_over": ("Not in force on this day", "plain"),
}


def today() -> dt.date:
    """Return today's date. The country's days begin at different hours; a law's date is seldom a matter of hours."""
    return dt.datetime.now(dt.UTC).date()


def day_of(text: str) -> tuple[dt.date, str]:
    """Return the day that was typed, today for none, and what is wrong with it: then it is today as well."""
    if not text.strip():
        return today(), ""
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        return today(), f"[{text[:40]}] is not a day: write it as 2024-05-01"
    return (day, "") if FIRST <= day <= LAST else (today(), f"[{text[:40]}] is too far: give a day from {FIRST} to {LAST}")


def url_of(place: str) -> str:
    """Return the address of the page of a place."""
    return reverse("law-place", args=[place])


def full_name(place: str) -> str:
    """Return the name of a place with its state: Essex County, Massachusetts."""
    names = [gazetteer.name_of(one) for one in gazetteer.layers_above(place)]
    return ", ".join(reversed(names[1:])) or names[0]


def listed() -> list[tuple[str, str]]:
    """Return the paths and names of the places that have a file of law."""
    return [(one.path, full_name(one.path)) for one in law.places()]


def span_in_words(span: SpanShown) -> str:
    """Return a span as words: `in force since 2017-07-24`, `stayed from 2017 until 2018`."""
    state = span.state.replace("_", " ")
    if span.from_ is None:
        return f"{state}, since when is not known{f', until {span.until}' if span.until else ''}"
    return f"{state} from {span.from_} until {span.until}" if span.until else f"{state} since {span.from_}"


def links_in(source: str) -> list[str]:
    """Return the addresses that a source names."""
    return [word.rstrip(";,)") for word in source.replace("(", " ").split() if word.startswith(("https://", "http://"))]


def shown(one: ProvisionShown) -> dict[str, Any]:
    """Return a provision as a page shows it: each of its sentences once, with the asks that it answers."""
    asks: dict[str, list[str]] = {}
    for said in one.sentences:
        asks.setdefault(said.sentence, []).append(said.ask)
    text, tone = STANDING.get(one.standing or "", ("", ""))
    links = links_in(one.source)
    return {
        "id": one.id,
        "sentences": [(sentence, ", ".join(words.ASKS[ask] for ask in of)) for sentence, of in asks.items()],
        "cite": one.cite or "no citation",
        "link": links[0] if links else "",
        "source": one.source,
        "more_links": links[1:],
        "confidence": f"{one.confidence} confidence ({CONFIDENCE[one.confidence]})",
        "checked": one.last_checked_on,
        "spans": [(span_in_words(span), span.cite) for span in one.spans],
        "standing": text,
        "tone": tone,
        "note": one.note,
        "binds": one.binds,
    }
