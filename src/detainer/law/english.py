"""Rules and conditions as plain English sentences."""

import json

from detainer.law.conditions import (
    AllOf,
    Always,
    AnyOf,
    Between,
    Choice,
    Condition,
    Defined,
    Has,
    Not,
    Number,
    Offences,
    Only,
    Place,
    Text,
    Yes,
)
from detainer.law.meaning import Scope, word_of
from detainer.law.rules import Binds, Provision, Rule, Span
from detainer.law.statements import STATEMENTS
from detainer.law.words import Ask, Effect

DOING: dict[Ask, str] = {
    "notify": "tell the requester of the release",
    "hold": "keep the person past release",
    "transfer": "hand the person over to the requester",
    "share": "give the requester information about the person",
    "interview": "let the requester interview the person",
}
_MAY: dict[Effect, str] = {
    "require": "must",
    "permit": "may",
    "forbid": "must not",
    "bars_restriction": "may not be restricted by a lower law or policy to",
    "ask_counsel": "should ask counsel whether to",
}
_FACILITY: dict[str, str] = {
    "jail": "a jail",
    "police": "a police department",
    "court": "court staff",
    "state_prison": "a state prison",
    "probation": "a probation office",
    "juvenile": "a juvenile facility",
    "federal": "a federal custodian",
}
_SAID: dict[str, str] = {
    "facility": "the custodian is {}",
    "form": "the request came on form {}",
    "purpose": "the purpose is {}",
    "requester_unit": "the unit that asks is {}",
    "requester_agency": "the agency that asks is {}",
    "custodian_role": "the one who acts is {}",
    "custodian_government": "the custodian's government is {}",
    "citizenship": "as to citizenship the person {}",
    "issuing_office": "the issuing office is {}",
    "issuer_class": "the request was signed by {}",
    "warrant": "the warrants include {}",
    "information": "the information asked for includes {}",
    "protected": "the person is {}",
}
_VALUES: dict[str, str] = {
    **_FACILITY,
    "noncitizen": "is known to be no US citizen",
    "claims_us": "claims to be a US citizen",
    "proved_us": "has shown proof of US citizenship",
    "judicial": "a judge's warrant",
    "judicial_criminal": "a judge's criminal warrant",
    "administrative": "an administrative warrant (I-200 or I-205)",
}


def _or(parts: tuple[str, ...]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


def _value(word: str) -> str:
    return _VALUES.get(word, word.replace("_", " "))


def _values(words: tuple[str, ...]) -> str:
    return _or(tuple(_value(word) for word in words))


def _statement(name: str) -> str:
    return STATEMENTS[name][0]


def _denial(name: str) -> str:
    return STATEMENTS[name][1]


def _offences(condition: Offences, scope: Scope) -> str:
    titles = tuple("any offence" if name == "any" else scope.offences[name].title for name in condition.of)
    head = "a conviction of" if condition.is_ == "conviction" else "a pending charge of"
    said = [f"the person has {head} {_or(titles)}"]
    if condition.level:
        said.append(f"({_or(condition.level)})")
    if condition.within_years:
        counted = "the day asked about" if condition.counted_to == "asked_on" else "the present arrest"
        said.append(f"within {condition.within_years} years before {counted}")
    if condition.probable_cause_found:
        said.append("with probable cause found")
    return " ".join(said)


def _number(condition: Number) -> str:
    bounds = (("under", condition.under), ("at least", condition.at_least), ("at most", condition.at_most))
    said = " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    return f"{condition.fact.replace('_', ' ')} is {said}"


def _between(condition: Between) -> str:
    name = condition.fact.replace("_", " ")
    bounds = (("since", condition.since), ("before", condition.before), ("in the last years:", condition.within_years))
    return f"{name} is {' and '.join(f'{word} {bound}' for word, bound in bounds if bound is not None)}"


def clause(condition: Condition, scope: Scope) -> str:  # noqa: PLR0911, PLR0912, C901 - one line for each kind of condition
    """Return a condition as a clause that can follow "if"."""
    match condition:
        case Always():
            return "always"
        case Yes():
            return _statement(condition.fact)
        case Choice() | Has() | Text():
            head = _SAID.get(condition.fact, f"{condition.fact.replace('_', ' ')} is {{}}")
            return head.format(_values(condition.any_of))
        case Only():
            what = {"warrant": "there is no warrant but", "information": "nothing is asked for but"}
            return f"{what.get(condition.fact, f'{condition.fact} is nothing but')} {_values(condition.of) or 'none'}"
        case Number():
            return _number(condition)
        case Between():
            return _between(condition)
        case Offences():
            return _offences(condition, scope)
        case Place():
            return f"the place is {_or(condition.within)}"
        case Defined():
            return word_of(condition.word, scope).english
        case Not(of=Yes() as inner):
            return _denial(inner.fact)
        case Not():
            return f"it is not so that {clause(condition.of, scope)}"
        case AllOf():
            return " and ".join(clause(part, scope) for part in condition.of)
        case AnyOf():
            return _or(tuple(clause(part, scope) for part in condition.of))


def bound(binds: Binds) -> str:
    """Return who is bound, as the subject of a sentence."""
    if binds.party == "requester":
        return "The requester"
    named = tuple(_FACILITY[facility] for facility in binds.facilities)
    return (_or(named) if named else "a custodian").capitalize()


def _what(asks: tuple[Ask, ...]) -> str:
    return _or(tuple(DOING[ask] for ask in asks))


def conditions_of(provision: Provision, scope: Scope, ask: Ask | None = None) -> str:
    """Return the conditions of a provision: " if ..., unless ...", or "" when it has none."""
    said = f" if {clause(provision.when, scope)}" if provision.when else ""
    exceptions = [provision.unless] if provision.unless else []
    if isinstance(provision, Rule) and ask in provision.unless_for:
        exceptions.append(provision.unless_for[ask])
    if exceptions:
        said += f"{',' if said else ''} unless {' or '.join(clause(one, scope) for one in exceptions)}"
    return said


def sentence(rule: Rule, ask: Ask, scope: Scope) -> str:
    """Return one rule, for one ask, as a sentence."""
    if rule.says is not None:
        return rule.says.replace("{act}", DOING[ask])
    if rule.binds.party == "requester":
        verb = {"forbid": "must not", "require": "must"}.get(rule.effect, "may")
        return f"The requester {verb} ask a custodian to {DOING[ask]}{conditions_of(rule, scope, ask)}."
    verb = "should" if rule.strength == "soft" else _MAY[rule.effect]
    return f"{bound(rule.binds)} {verb} {_what((ask,))}{conditions_of(rule, scope, ask)}."


def span_text(span: Span) -> str:
    """Return a span as words, for example "enjoined from 2017-08-30 until 2017-09-25"."""
    state = span.state.replace("_", " ")
    start = f" from {span.from_}" if span.from_ else " (start not known)"
    return f"{state}{start}{f' until {span.until}' if span.until else ''}"


def shown(value: object) -> str:
    """Return a value of a fact as JSON text."""
    return json.dumps(value, ensure_ascii=False, default=str)
