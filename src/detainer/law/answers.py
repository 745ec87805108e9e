"""What an answer is made of: frozen models that dump to plain JSON without decimals."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from detainer.law import words
from detainer.law.facts import InputKind
from detainer.law.made import FIELDS, made
from detainer.law.rules import AdoptedBy

NOTICE = (
    "This is research on the law with its sources, not legal advice. It may be incomplete or out of date. "
    "Ask counsel before you rely on it."
)


class Frozen(BaseModel):
    """What all parts of an answer share. A name that Python reserves ends in "_" here and not in JSON."""

    model_config = ConfigDict(
        frozen=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
        alias_generator=lambda name: name.rstrip("_"),
        defer_build=True,
    )


class SpanShown(Frozen):
    """The span of a rule that covers the day asked about. `until` is the first day after it; None is open or not known."""

    from_: str | None
    until: str | None
    state: words.SpanState
    cite: str | None


class GoverningRule(Frozen):
    """A rule that the answer rests on; for needs_facts, a rule that would decide."""

    id: str
    place: str
    effect: words.Effect
    strength: words.Strength
    cite: str
    source: str
    confidence: words.Confidence
    last_checked_on: str | None
    sentence: str
    span: SpanShown
    note: str | None


class Gives(Frozen):
    """One value that a missing fact could have, and the answer with it."""

    value: JsonValue
    answer: words.Value


class MissingFact(Frozen):
    """A fact that is not known and bears on the answer: the question for it, how to ask, what each value would give."""

    fact: str
    question: str
    kind: InputKind
    choices: tuple[str, ...]
    gives: tuple[Gives, ...]


class ClockShown(Frozen):
    """A length or moment: minutes, hours or days from `starts_at`, or `until` a moment of that day; `excludes` is not counted."""

    starts_at: str
    minutes: int | None
    hours: int | None
    days: int | None
    until: str | None
    direction: Literal["forward", "backward"]
    excludes: tuple[str, ...]


class DutyShown(Frozen):
    """Something that must be done beside the ask. `applies` is "unknown" when it turns on a fact not known."""

    id: str
    place: str
    kind: str
    actor: words.Party
    follows: Literal["request", "act", "refusal"]
    applies: Literal["yes", "unknown"]
    text: str
    languages: tuple[str, ...]
    clock: ClockShown | None
    cite: str | None
    source: str
    confidence: words.Confidence


class TimeLimitShown(Frozen):
    """A limit of time on the act asked for. `outer_bound` is shown beside a shorter `limit`, never instead of it."""

    id: str
    place: str
    actor: words.Party
    role: Literal["limit", "outer_bound", "lead_time"]
    applies: Literal["yes", "unknown"]
    text: str
    clock: ClockShown
    cite: str | None
    source: str
    confidence: words.Confidence


class TraceStep(Frozen):
    """A rule that was looked at: whether it applied, and why or why not."""

    id: str
    place: str
    effect: words.Effect
    applied: Literal["yes", "no", "unknown"]
    why: str
    cite: str


class Versions(Frozen):
    """What the answer was made with: the schema of files and answers, the SHA-256 of the law's texts, the code."""

    schema_: str
    law: str
    code: str


class Adopter(Frozen):
    """Who put a local layer in force."""

    agency: str
    person: str
    on: str


def adopter_of(who: AdoptedBy) -> Adopter:
    """Return who put a local layer in force, as it is shown."""
    return Adopter(agency=who.agency, person=who.person, on=str(who.on))


# From the name of a part, that part by name, and those found together with it.
Later = Callable[[str], Mapping[str, Any]]


class Answer(Frozen):
    """What the law says to one ask about one person at one place on one day.

    `adopted_by` is None when no local layer bears on it. The questions, duties, limits, notes and the
    trace are made when first looked at, from what was found when the question was asked.
    """

    __slots__ = ("_later",)

    ask: words.Ask
    place: str
    on: dt.date
    value: words.Value
    rules: tuple[GoverningRule, ...]
    missing: tuple[MissingFact, ...]
    deciding_sets: tuple[tuple[str, ...], ...]
    duties: tuple[DutyShown, ...]
    time_limits: tuple[TimeLimitShown, ...]
    notes: tuple[str, ...]
    trace: tuple[TraceStep, ...]
    adopted_by: Adopter | None = None
    versions: Versions
    notice: str

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Make a part that is looked at for the first time. Python asks here only for what the fields do not hold."""
            if name == "_later":
                return None
            if name not in _NAMES or self._later is None:
                return super().__getattr__(name)
            fields = FIELDS.__get__(self)
            fields.update(self._later(name))
            return fields[name]

        @property
        def __dict__(self) -> dict[str, Any]:
            """All fields. Dumping, comparing, hashing and copying read a model through this, so here every part is made."""
            fields = FIELDS.__get__(self)
            if len(fields) < len(_NAMES) and self._later is not None:
                fields = {name: getattr(self, name) for name in _NAMES}
                FIELDS.__set__(self, fields)
            return fields

        @__dict__.setter
        def __dict__(self, fields: dict[str, Any]) -> None:
            FIELDS.__set__(self, fields)


_NAMES = dict.fromkeys(Answer.model_fields)


def answer_of(now: dict[str, Any], later: Later) -> Answer:
    """Return an answer of parts that are known to be right (they are not validated again) and parts that `later` makes."""
    answer = made(Answer, now)
    object.__setattr__(answer, "_later", later)
    return answer
