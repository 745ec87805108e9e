"""An answer as plain English: the conclusion, the rules it rests on, and the tree of everything that was looked at."""

from collections.abc import Iterator

from detainer.law.answers import Answer, GoverningRule, TraceStep
from detainer.law.english import DOING, shown
from detainer.law.words import Value

_CONCLUSION: dict[Value, str] = {
    "must": "The custodian must {}.",
    "may": "The custodian may {}.",
    "must_not": "The custodian must not {}.",
    "needs_facts": "Whether the custodian may {} turns on facts that are not known.",
    "conflict": "Whether the custodian may {} cannot be said: the laws below command and forbid it at once. Ask counsel.",
    "ask_counsel": "Whether the custodian may {} is not settled. Ask counsel.",
}
_MARK = {"yes": "applies", "no": "does not apply", "unknown": "may apply"}


def _rule(rule: GoverningRule) -> Iterator[str]:
    since = f"{rule.span.state.replace('_', ' ')} from {rule.span.from_ or 'a day not known'}"
    until = f" until {rule.span.until}" if rule.span.until else ""
    yield f"  {rule.sentence}"
    yield f"    {rule.cite} [{rule.id}, {rule.place}; {since}{until}; confidence {rule.confidence}]"
    yield f"    source: {rule.source}"


def _steps(steps: tuple[TraceStep, ...]) -> Iterator[str]:
    place = None
    for step in steps:
        if step.place != place:
            place = step.place
            yield f"  {place}"
        yield f"    {step.id} {_MARK[step.applied]}: {step.why}"


def _lines(answer: Answer) -> Iterator[str]:
    yield f"{answer.place}, {answer.on}, {answer.ask}: {answer.value}"
    yield _CONCLUSION[answer.value].format(DOING[answer.ask])
    if answer.rules:
        yield "Because:" if answer.value != "needs_facts" else "Rules that would decide:"
    for rule in answer.rules:
        yield from _rule(rule)
    if answer.missing:
        yield "To be asked:"
    for missing in answer.missing:
        gives = "; ".join(f"{shown(one.value)} gives {one.answer}" for one in missing.gives)
        yield f"  {missing.question} [{missing.fact}] {gives}"
    for head, items in (("Duties:", answer.duties), ("Time limits:", answer.time_limits)):
        if items:
            yield head
        for item in items:
            asks = "" if item.applies == "yes" else " (if it applies, which is not known)"
            yield f"  {item.text}{asks} [{item.id}, {item.place}; {item.actor}]"
    if answer.notes:
        yield "Notes:"
    yield from (f"  {note}" for note in answer.notes)
    yield "Looked at:"
    yield from _steps(answer.trace)
    yield f"{answer.notice} [schema {answer.versions.schema_}, law {answer.versions.law[:12]}, code {answer.versions.code}]"


def explain(answer: Answer) -> str:
    """Return the answer as text that a lawyer can follow line by line."""
    return "\n".join(_lines(answer))
