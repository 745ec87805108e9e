"""What a file of the law holds: a jurisdiction with its rules, duties, time limits, words and offence lists."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from detainer.law import words
from detainer.law.conditions import Condition, Part, Unless, When
from detainer.law.dates import Date

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Line = Annotated[str, Field(min_length=1)]


class Span(Part):
    """When a rule stands and in what state, from its first day to before `until`; null is open, or not known."""

    from_: Date | None = Field(alias="from")
    until: Date | None = None
    state: words.SpanState = "in_force"
    cite: Line | None = None
    note: Line | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> "Span":
        if self.from_ and self.until and self.from_.first >= self.until.last:
            raise ValueError(f"span is empty: from {self.from_} until {self.until} (until is the first day after it)")
        return self


class Binds(Part):
    """Whom a rule binds: in the notes' words, and as far as a condition can say it. An empty list is everyone."""

    text: Line | None = None
    party: words.Party = "custodian"
    towards: Literal["requester", "public"] = "requester"
    facilities: tuple[words.Facility, ...] = ()
    custodian_roles: tuple[words.CustodianRole, ...] = ()
    governments: tuple[words.Government, ...] = ()
    places: tuple[str, ...] = ()
    not_places: tuple[str, ...] = ()


class Provision(Part):
    """What a rule, a duty and a time limit have in common: for which asks, of whom, when, since when, says who."""

    id: Id
    asks: tuple[words.Ask, ...]
    binds: Binds = Binds()
    when: When | None = None
    unless: Unless | None = None
    spans: tuple[Span, ...] = Field(min_length=1)
    cite: Line | None = None
    source: Line
    confidence: words.Confidence
    confidence_note: Line | None = None
    last_checked_on: Date | None = None
    checked_by: Line | None = None
    note: Line | None = None

    @field_validator("spans")
    @classmethod
    def _apart(cls, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        for before, after in pairwise(spans):
            if before.until is None or after.from_ is None or before.until.last > after.from_.first:
                raise ValueError(
                    f"spans overlap or are out of order: one ends {before.until or 'never'}, the next begins {after.from_}"
                )
        return spans


class Rule(Provision):
    """One provision that answers asks.

    `says` is its sentence where the one made of its parts would mislead; `{act}` in it stands for the act asked for.
    `instead_of` names rules of the same file that do not govern where this one applies. `might` says, for
    `ask_counsel`, what the law could turn out to be. A `court_order` is not voided by the layers above it: a clash is shown.
    """

    cite: Line
    effect: words.Effect
    says: Line | None = None
    strength: words.Strength = "firm"
    authority: Literal["law", "court_order"] = "law"
    unless_for: dict[words.Ask, Unless] = {}
    instead_of: tuple[Id, ...] = ()
    might: tuple[words.Effect, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if self.effect == "ask_counsel" and not (self.might and self.note):
            raise ValueError("an ask_counsel rule says in `might` what the law could be and in `note` why it is not known")
        if self.effect != "ask_counsel" and self.might:
            raise ValueError("`might` belongs to ask_counsel rules only")
        if self.strength == "soft" and self.effect != "require":
            raise ValueError("only a `require` can be soft")
        return self


class Clock(Part):
    """A length of time or a moment: what starts it, how long, and what is not counted. Hours are clock hours.

    `holiday` is said where the law says no more; `judicial_holiday` are the days on which the courts of the State do not sit, so
    that with `sat` and `sun` what is left are court days.
    """

    starts_at: Literal[
        "otherwise_released", "receipt_of_papers", "receipt_of_request", "bond_posted", "booking", "arrest", "service",
        "decision", "release_date", "intake", "year_end", "judicial_order", "federal_arrest",
    ]  # fmt: skip
    minutes: int | None = Field(default=None, ge=0)
    hours: int | None = Field(default=None, ge=0)
    days: int | None = Field(default=None, ge=0)
    until: Literal["end_of_day"] | None = None
    direction: Literal["forward", "backward"] = "forward"
    excludes: tuple[Literal["sat", "sun", "holiday", "federal_holiday", "judicial_holiday"], ...] = ()

    @model_validator(mode="after")
    def _one_length(self) -> "Clock":
        if sum(part is not None for part in (self.minutes, self.hours, self.days, self.until)) != 1:
            raise ValueError("a clock has exactly one of: minutes, hours, days, until")
        return self


class Duty(Provision):
    """Something that must be done beside an ask. `follows` says of what: the request, the act asked for, or its refusal."""

    kind: Literal[
        "serve_copy", "inform_rights", "written_consent_form", "record", "report", "release_when", "notify_court",
        "notify_counsel", "verify_status", "issue_detainer", "keep_confidential", "policy", "other",
    ]  # fmt: skip
    follows: Literal["request", "act", "refusal"]
    text: Line
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = ()
    clock: Clock | None = None


class TimeLimit(Provision):
    """How long an act may or must last, or how far ahead it must come."""

    text: Line
    clock: Clock
    role: Literal["limit", "outer_bound", "lead_time"] = "limit"


class OffenceList(Part):
    """A named list of offences: statutes, and words for offences. `complete` says that nothing else belongs to it.

    `not_statutes` and `not_offences` never belong to it, though it is open or names more broadly.
    """

    title: Line
    statutes: tuple[Line, ...] = ()
    offences: tuple[Line, ...] = ()
    not_statutes: tuple[Line, ...] = ()
    not_offences: tuple[Line, ...] = ()
    complete: bool = False
    source: Line
    confidence: words.Confidence
    note: Line | None = None


class Definition(Part):
    """What a word means here and below, unless a lower file says otherwise; `english` is how sentences say it."""

    english: Line
    means: Condition
    note: Line | None = None


class NothingFound(Part):
    """The notes looked for something and found none, or cannot say: that is an answer too."""

    about: Line
    text: Line
    source: Line | None = None
    confidence: words.Confidence | None = None


class Caution(Part):
    """A line that every answer to these asks carries from a day on, because the law may have changed unseen."""

    asks: tuple[words.Ask, ...] = Field(min_length=1)
    facilities: tuple[words.Facility, ...] = ()
    from_: Date = Field(alias="from")
    until: Date | None = None
    text: Line


class AdoptedBy(Part):
    """Who put a local layer in force: the agency, the person, the day."""

    agency: Line
    person: Line
    on: Date


class Jurisdiction(Part):
    """One file: a place and its law."""

    path: Annotated[str, Field(pattern=r"^us(/[a-z]{2}(/[a-z0-9_]+)?)?$")]
    name: Line
    kind: Literal["nation", "state", "district", "county", "city", "agency"]
    as_of: Date
    as_of_note: Line | None = None
    binds: Line
    summary: Line
    adopted_by: AdoptedBy | None = None
    definitions: dict[str, Definition] = {}
    offences: dict[str, OffenceList] = {}
    rules: tuple[Rule, ...] = ()
    duties: tuple[Duty, ...] = ()
    time_limits: tuple[TimeLimit, ...] = ()
    nothing_found: tuple[NothingFound, ...] = ()
    cautions: tuple[Caution, ...] = ()
    open_questions: tuple[Line, ...] = ()
    references: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _ids_once(self) -> "Jurisdiction":
        ids = [item.id for group in (self.rules, self.duties, self.time_limits) for item in group]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"id stands twice: {', '.join(twice)}")
        known = {rule.id for rule in self.rules}
        for rule in self.rules:
            for other in rule.instead_of:
                if other not in known or other == rule.id:
                    raise ValueError(f"[{rule.id}] instead_of [{other}], which is no other rule of this file")
        return self
