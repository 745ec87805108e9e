"""The law of one place: every provision as a sentence with its source, what changed when, what is not known."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from detainer import law
from detainer.exchange.refusals import Refused
from detainer.law import gazetteer
from detainer.law.reading import LayerShown, PlaceShown, ProvisionShown
from detainer.web.pages import law as shared


@require_safe
def place(request: HttpRequest, place: str) -> HttpResponse:
    """Show the law of a place on a day, the nearest layer first. 404 with the nearest names for a place that is none."""
    on, wrong_day = shared.day_of(request.GET.get("on", ""))
    try:
        found = law.show(place[:200].strip("/"), on)
    except law.PlaceUnknown as error:
        raise Refused("not-found", str(error)) from error
    if found.place != place:
        return HttpResponsePermanentRedirect(f"{shared.url_of(found.place)}{'?' if request.GET else ''}{request.GET.urlencode()}")
    layers = [_layer(layer, found.place) for layer in reversed(found.layers)]
    context = {
        "place": found.place,
        "name": shared.full_name(found.place),
        "on": on,
        "wrong_day": wrong_day,
        "layers": layers,
        "without_file": [shared.full_name(path) for path in found.without_file],
        "above": [(shared.url_of(path), gazetteer.name_of(path)) for path in gazetteer.layers_above(found.place)[:-1]],
        "below": _below(found.place),
        "changes": changes(found, on),
        "adopters": [(layer.name, layer.adopted_by) for layer in found.layers if layer.adopted_by],
    }
    return render(request, "law/place.html", context)


def _below(place: str) -> list[tuple[str, str]]:
    of_state = [one for one in law.places() if one.path.startswith(f"{place}/") and place.count("/") == 1]
    return [(shared.url_of(one.path), one.name) for one in of_state]


def _of_kind(layer: LayerShown, kind: str) -> list[dict[str, Any]]:
    """Return the provisions of a kind that bind here, those in force on the day first."""
    of_kind = [one for one in layer.provisions if one.kind == kind and one.binds_here]
    return [shared.shown(one) for one in sorted(of_kind, key=lambda one: list(shared.STANDING).index(one.standing or "stands"))]


def _layer(layer: LayerShown, place: str) -> dict[str, Any]:
    return {
        "path": layer.path,
        "name": layer.name,
        "anchor": layer.path.replace("/", "-"),
        "is_own": layer.path == place,
        "url": shared.url_of(layer.path),
        "as_of": layer.as_of,
        "summary": layer.summary,
        "binds": layer.binds,
        "rules": _of_kind(layer, "rule"),
        "duties": _of_kind(layer, "duty"),
        "limits": _of_kind(layer, "time_limit"),
        "gaps": layer.nothing_found,
        "cautions": layer.cautions,
        "questions": layer.open_questions,
        "elsewhere": sum(not one.binds_here for one in layer.provisions),
    }


def _turns(one: ProvisionShown) -> Iterable[tuple[str, str, str]]:
    """Yield each day on which a provision begins, ends or comes to stand otherwise."""
    for span in one.spans:
        state = span.state.replace("_", " ")
        if span.from_:
            yield span.from_, "begins" if span.state == "in_force" else f"is {state}", span.cite or one.cite or ""
        if span.until:
            yield span.until, "ends" if span.state == "in_force" else f"is no longer {state}", span.cite or one.cite or ""


def changes(found: PlaceShown, on: dt.date) -> list[dict[str, Any]]:
    """Return what changed at a place and when, the latest first; what is later than `on` is marked."""
    turns = [
        {"on": day, "what": what, "cite": cite, "id": one.id, "says": one.sentences[0].sentence if one.sentences else ""}
        for layer in found.layers
        for one in layer.provisions
        if one.binds_here
        for day, what, cite in _turns(one)
    ]
    ordered = sorted(turns, key=lambda turn: (turn["on"], turn["id"]), reverse=True)
    return [{**turn, "is_later": turn["on"] > on.isoformat()} for turn in ordered]
