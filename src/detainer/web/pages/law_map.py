"""The map of the law: what each state answers to one ask on one day, as tiles and as a table."""

import datetime as dt
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from detainer import law
from detainer.law.facts import CHOICES
from detainer.law.gazetteer import STATES
from detainer.law.library import Library
from detainer.law.words import ASKS
from detainer.web import words
from detainer.web.pages import law as shared
from detainer.web.pages import law_facts

# What is assumed of every request on the map, beside the warrant and the kind of facility that are chosen.
USUAL: Final[dict[str, Any]] = {
    "form": "I-247A",
    "requester_unit": "civil_enforcement",
    "purpose": "civil_immigration",
    "on_request": True,
    "in_writing": True,
    "person_named": True,
}
WARRANTS: Final = {word: law_facts.LABELS[word] for word in ("none", "administrative", "judicial_criminal", "judicial_civil")}
FACILITIES: Final = {word: law_facts.LABELS[word] for word in CHOICES["facility"]}


@lru_cache(maxsize=256)
def values(library: Library, ask: str, on: dt.date, facility: str, warrant: str) -> dict[str, str]:
    """Return the value of the answer in each state, by path."""
    facts = {**USUAL, "facility": facility, "warrant": [] if warrant == "none" else [warrant]}
    return {f"us/{code}": law.value(f"us/{code}", ask, on, facts, library) for code in STATES}


def _chosen(request: HttpRequest, name: str, known: dict[str, str], usual: str) -> str:
    given = request.GET.get(name, usual)
    return given if given in known else usual


def _tile(place: str, value: str, on: dt.date, *, has_file: bool) -> dict[str, Any]:
    code = place.removeprefix("us/")
    text, tone = words.ANSWERS[value]
    return {
        "code": code,
        "name": STATES[code],
        "url": f"{shared.url_of(place)}?on={on}",
        "value": value,
        "text": text,
        "tone": tone,
        "has_file": has_file,
    }


@require_safe
def law_map(request: HttpRequest) -> HttpResponse:
    """Show every state's answer to the ask, warrant, kind of facility and day that were chosen."""
    ask = _chosen(request, "ask", words.ASKS, "notify")
    warrant = _chosen(request, "warrant", WARRANTS, "administrative")
    facility = _chosen(request, "facility", FACILITIES, "jail")
    on, wrong_day = shared.day_of(request.GET.get("on", ""))
    library = law.library()
    found = values(library, ask, on, facility, warrant)
    tiles = [_tile(place, value, on, has_file=place in library.layers) for place, value in found.items()]
    counts = [(value, sum(tile["value"] == value for tile in tiles)) for value in words.ANSWERS]
    below = [(shared.url_of(path), name) for path, name in shared.listed() if path.count("/") == 2]
    context = {
        "part": "map",
        "ask": ask,
        "asks": [(name, words.ASKS[name]) for name in ASKS],
        "warrant": warrant,
        "warrants": WARRANTS.items(),
        "facility": facility,
        "facilities": FACILITIES.items(),
        "on": on,
        "wrong_day": wrong_day,
        "tiles": tiles,
        "counts": [(value, count) for value, count in counts if count],
        "below": below,
        "law_version": library.hash[:12],
    }
    return render(request, "law/map.html", context)
