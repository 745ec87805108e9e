"""The questions that would decide the law's answer, as fields of a form, and what was answered as facts of the law."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django import forms

from detainer.law import Answer, MissingFact
from detainer.web import labels, words

NONE: Final = "none"
_ROWS: Final = 2  # how many convictions or charges a form offers to enter at once
_CLASSES: Final = ("felony", "misdemeanor", "infraction")


def missing_of(answers: Iterable[Answer]) -> list[MissingFact]:
    """Return the facts that would decide any of these answers, each once, the most telling first."""
    return list({missing.fact: missing for answer in answers for missing in answer.missing}.values())


def fields_of(missing: Iterable[MissingFact]) -> dict[str, forms.Field]:
    """Return a field of a form for each fact that is not known; a list of offences is a few rows and a box for none."""
    return {name: field for one in missing for name, field in _FIELDS[one.kind](one)}


def facts_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return a command's data with its facts as the law takes them: what was ticked as none is an empty list."""
    facts = {key: [] if value == [NONE] else value for key, value in data.get("facts", {}).items()}
    for key in [key for key in facts if key.endswith(f"_{NONE}")]:
        facts.setdefault(key.removesuffix(f"_{NONE}"), [])
        del facts[key]
    return {**data, "facts": facts} if facts else data


def what_gives(missing: MissingFact) -> str:
    """Return what each value of a fact would make of the answer: `Yes: may. No: must not.`; nothing when all are the same."""
    told: dict[str, list[str]] = {}
    for give in missing.gives:
        told.setdefault(words.ANSWERS[give.answer][0].lower(), []).append(in_words(give.value))
    if len(told) < 2:
        return ""
    return " ".join(f"{', '.join(values[:3]).capitalize()}: {answer}." for answer, values in told.items())


def in_words(value: Any) -> str:
    """Return a value of a fact as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return words.plain(str(value.get("offence") or value.get("class") or "one that fits"))
    return words.plain(str(value))


Fields = Iterable[tuple[str, forms.Field]]


def _common(one: MissingFact) -> dict[str, Any]:
    return {"label": one.question, "help_text": what_gives(one), "required": False}


def _yes_no(one: MissingFact) -> Fields:
    choices = [("true", "Yes"), ("false", "No"), ("", "Not known")]
    field = forms.TypedChoiceField(
        choices=choices,
        coerce=lambda text: text == "true",
        empty_value=None,
        widget=forms.RadioSelect,
        initial="",
        **_common(one),
    )
    return [(f"facts.{one.fact}", field)]


def _choice(one: MissingFact) -> Fields:
    choices = [("", "Not known"), *((value, labels.choice(one.fact, value)) for value in one.choices)]
    return [(f"facts.{one.fact}", forms.ChoiceField(choices=choices, widget=forms.Select, **_common(one)))]


def _choices(one: MissingFact) -> Fields:
    choices = [*((value, labels.choice(one.fact, value)) for value in one.choices), (NONE, "None of these")]
    return [
        (f"facts.{one.fact}", forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **_common(one)))
    ]


def _number(one: MissingFact) -> Fields:
    return [(f"facts.{one.fact}", forms.IntegerField(min_value=0, **_common(one)))]


def _text(one: MissingFact) -> Fields:
    return [(f"facts.{one.fact}", forms.CharField(max_length=200, **_common(one)))]


def _list(one: MissingFact) -> Fields:
    yield f"facts.{one.fact}_{NONE}", forms.BooleanField(label=f"{one.question} None.", help_text=what_gives(one), required=False)
    for row in range(_ROWS):
        path, number = f"facts.{one.fact}.{row}", row + 1
        yield f"{path}.offence", forms.CharField(max_length=200, required=False, label=f"{one.question} Offence {number}")
        yield f"{path}.statute", forms.CharField(max_length=200, required=False, label=f"Statute of offence {number}")
        levels = [("", "Not known"), *((value, words.said(value)) for value in _CLASSES)]
        yield f"{path}.class", forms.ChoiceField(choices=levels, required=False, label=f"Level of offence {number}")
        yield (
            f"{path}.on",
            forms.CharField(max_length=10, required=False, label=f"Date of offence {number}'s conviction or charge"),
        )


_FIELDS: Final[dict[str, Callable[[MissingFact], Fields]]] = {
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "date": _text,
    "text": _text,
    "list": _list,
}
