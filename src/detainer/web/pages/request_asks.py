"""The parts of a request on its page: the law's answer with its trace, the decision, and the short forms that decide."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms as django_forms
from pydantic import ValidationError

from detainer import law
from detainer.exchange import answers
from detainer.exchange.commands import named
from detainer.exchange.commands.deciding import AGAINST, UNSETTLED
from detainer.exchange.models import Facility
from detainer.exchange.roles import Actor
from detainer.record.views import AskView, RequestView
from detainer.web import forms, questions, telling


def derived(view: RequestView, facility: Facility, ask: AskView) -> law.Answer | None:
    """Return the law's answer derived again, with its trace and questions; None when this version of the law cannot."""
    if not view.answered_on:
        return None
    on = dt.date.fromisoformat(view.answered_on)
    try:
        return answers.now_with_questions(facility, ask.ask, view.facts, on)
    except (ValidationError, law.LawError):
        return None


def part(
    view: RequestView, ask: AskView, again: law.Answer | None, names: telling.Names, actor: Actor, allowed: set[str]
) -> dict[str, Any]:
    """Return one part of a request as its page shows it, with the forms that this actor may use now."""
    proposal = ask.proposal
    is_ours = view.custodian == actor.agency
    own = {"ask": ask.ask, forms.VERSION: view.version}
    decide = decide_form(ask.ask)(initial=own, auto_id=f"id_{ask.ask}_%s") if "decide" in allowed else None
    is_other = proposal is not None and actor.user is not None and proposal.by_user != actor.user
    may_confirm = "confirm_decision" in allowed and is_other
    confirm = confirm_form()(initial=own, auto_id=f"id_confirm_{ask.ask}_%s") if may_confirm else None
    custodian = names.get(view.custodian, "the custodian")
    return {
        "ask": ask.ask,
        "answer": ask.answer,
        "is_same": again is not None and ask.answer is not None and again.value == ask.answer.value,
        "derived": again,
        "choice": ask.choice,
        "reason": ask.reason,
        "against_answer": ask.against_answer,
        "decided_by": user_words(ask.decided_by, names, custodian, is_ours=is_ours) if ask.choice else "",
        "second_person": user_words(ask.second_person, names, custodian, is_ours=is_ours) if ask.second_person else "",
        "proposal": proposal,
        "proposed_by": user_words(proposal.by_user, names, custodian, is_ours=is_ours) if proposal else "",
        "disposition": ask.disposition,
        "before": before_deciding(ask),
        "decide": decide,
        "confirm": confirm,
    }


def user_words(user: UUID | None, names: telling.Names, agency: str, *, is_ours: bool) -> str:
    """Return a user's name where they work for the reader's agency; of another agency only that it was one of its users."""
    if user is None:
        return f"a system of {agency}"
    return names.get(user, "a former user") if is_ours else f"a user of {agency}"


def before_deciding(ask: AskView) -> str:
    """Return what a clerk is told before deciding an ask: which choice takes a reason and a second person."""
    if ask.answer is None:
        return ""
    against = {"decline": "To decline", "honour": "To do it"}
    said = next((words for choice, words in against.items() if (ask.answer.value, choice) in AGAINST), "")
    if said:
        return f"{said} goes against the law's answer: it takes a reason, and a second person, a supervisor, who confirms it."
    return "The law does not settle this: whatever you choose, give the reason." if ask.answer.value in UNSETTLED else ""


def decide_form(ask: str) -> type[Any]:
    """Return the short form that decides one ask on the request's page."""
    return forms.form_for(named("request", "decide"), leave_out=("occurred", "note"), also={"ask": _hidden(ask)})


def confirm_form() -> type[Any]:
    """Return the short form with which a second person confirms."""
    return forms.form_for(named("request", "confirm_decision"), leave_out=("occurred",), also={"ask": _hidden("")})


def answer_clock_form() -> type[Any]:
    """Return the short form with which a named person says that a clock that fired is seen to."""
    return forms.form_for(named("request", "answer_clock"), leave_out=("occurred", "rule"), also={"clock": _hidden("")})


def clock_key(clock: str, rule: str) -> str:
    """Return what names a clock of a request in one field of a form."""
    return f"{clock} {rule}"


def clock_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return what a form says of a clock as the command takes it: its kind, and its rule."""
    clock, _, rule = str(data.get("clock", "")).partition(" ")
    return {**data, "clock": clock, "rule": rule}


def _hidden(value: str) -> Any:
    return django_forms.CharField(widget=django_forms.HiddenInput, initial=value)


def facts_form(missing: Sequence[law.MissingFact]) -> type[Any]:
    """Return the form of the questions that would decide the law's answers."""
    return forms.form_for(named("request", "record_facts"), leave_out=("facts", "occurred"), also=questions.fields_of(missing))


def questions_form(view: RequestView, missing: Sequence[law.MissingFact]) -> Any:
    """Return the form of the questions for the page of a request; None when nothing is to be asked."""
    return facts_form(missing)(initial={forms.VERSION: view.version}, auto_id="id_facts_%s") if missing else None
