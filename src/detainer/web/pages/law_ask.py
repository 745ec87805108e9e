"""Asking the law: place, ask and day first, then one question at a time, only those that still matter. All in the address."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from detainer import law
from detainer.law import gazetteer
from detainer.law.answers import MissingFact
from detainer.law.words import ASKS
from detainer.web import words
from detainer.web.pages import law as shared
from detainer.web.pages import law_facts

Pairs = list[tuple[str, str]]


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form, and once place and ask are chosen the answer so far with the next question."""
    chosen = request.GET.get("place", "").strip()[:200]
    what = request.GET.get("ask", "notify")
    on, wrong_day = shared.day_of(request.GET.get("on", ""))
    context: dict[str, Any] = {
        "part": "ask",
        "chosen": chosen,
        "ask": what if what in ASKS else "notify",
        "asks": [(name, words.ASKS[name]) for name in ASKS],
        "on": on,
        "wrong_day": wrong_day,
        "known_places": shared.listed(),
        "wrong_place": "",
        "problem": "",
    }
    if chosen and not wrong_day:
        context |= _told(chosen, what, on, dict(request.GET.lists()))
    return render(request, "law/ask.html", context)


def _told(chosen: str, what: str, on: dt.date, given: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return what the page shows of the answer, or what is wrong with the question."""
    try:
        facts = law_facts.facts_of(given)
        answer = law.answer(chosen, what, on, facts)
    except law.PlaceUnknown as error:
        return {"wrong_place": str(error)}
    except law.LawError as error:
        return {"problem": str(error)}
    skipped = [name for name in given.get("skip", []) if name in law_facts.KINDS]
    base: Pairs = [("place", chosen), ("ask", answer.ask), ("on", str(on))]
    told: Pairs = [(name, text) for name, value in facts.items() for text in law_facts.written(name, value)]
    skips: Pairs = [("skip", name) for name in skipped]
    waiting = [one for one in answer.missing if one.fact not in skipped]
    place = gazetteer.canonical(chosen, law.library().layers)
    titles = {name: one.title for layer in law.library().chain(place) for name, one in layer.offences.items()}
    return {
        "answer": answer,
        "name": shared.full_name(place),
        "place_url": f"{shared.url_of(place)}?on={on}",
        "rules": [_rule(rule) for rule in answer.rules],
        "question": _question(waiting[0], titles) if waiting else None,
        "others": max(len(waiting) - 1, 0),
        "carried": [*base, *told, *skips],
        "skip_url": _url([*base, *told, *skips, ("skip", waiting[0].fact)]) if waiting else "",
        "facts": [
            {
                "question": law_facts.question(name),
                "says": law_facts.in_words(name, value, titles),
                "url": _url([*base, *(pair for pair in told if pair[0] != name), *skips]),
            }
            for name, value in facts.items()
        ],
        "skipped": [
            {
                "question": law_facts.question(name),
                "url": _url([*base, *told, *(pair for pair in skips if pair[1] != name)]),
            }
            for name in skipped
        ],
        "explained": law.explain(answer),
        "again_url": _url(base),
    }


def _url(pairs: Pairs) -> str:
    return f"{reverse('law-ask')}?{urlencode(pairs)}"


def _rule(rule: law.GoverningRule) -> dict[str, Any]:
    links = shared.links_in(rule.source)
    return {
        "sentence": rule.sentence,
        "cite": rule.cite,
        "link": links[0] if links else "",
        "span": shared.span_in_words(rule.span),
        "confidence": f"{rule.confidence} confidence",
        "place": rule.place,
        "note": rule.note,
    }


def _question(one: MissingFact, titles: law_facts.Titles) -> dict[str, Any]:
    """Return the next question as the form asks it, each choice with what it would give where that is known."""
    decided = [give for give in one.gives if give.answer != "needs_facts"]
    gives = {tuple(law_facts.written(one.fact, give.value)): words.ANSWERS[give.answer][0] for give in decided}
    said = [(word, law_facts.in_words(one.fact, [word] if one.kind == "choices" else word)) for word in one.choices]
    choices: list[tuple[str, str]] = []
    match one.kind:
        case "yes_no":
            choices = [("yes", "Yes"), ("no", "No")]
        case "choice":
            choices = said
        case "choices":
            choices = [(law_facts.NONE, law_facts.LABELS[law_facts.NONE]), *said]
        case "list":
            # Of examples that read the same the first stands for all.
            examples = {law_facts.example_in_words(give.value, titles): give.value for give in reversed(one.gives)}
            choices = [(law_facts.written(one.fact, value)[-1], text) for text, value in reversed(examples.items())]
    return {
        "fact": one.fact,
        "says": one.question,
        "kind": one.kind,
        "multiple": one.kind == "choices",
        "choices": [(value, text, gives.get((value,), "")) for value, text in choices],
    }
