"""The closed vocabulary that rules are written in, read from its short form in YAML into typed conditions."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from detainer.law import words
from detainer.law.dates import Date
from detainer.law.errors import nearest
from detainer.law.facts import CHOICES, KINDS

Years = Annotated[int, Field(ge=1, le=100)]


def _known(fact: str) -> str:
    if fact not in KINDS:
        raise ValueError(f"[{fact}] is not a fact{nearest(fact, KINDS)}")
    return fact


Fact = Annotated[str, AfterValidator(_known)]


class Part(BaseModel):
    """What all parts of a rule share: frozen, and unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Always(Part):
    """Written `always`."""

    is_: Literal["always"] = Field(alias="is")


class Yes(Part):
    """A yes/no fact that is so. Written as the bare name of the fact: `agreement_287g`."""

    is_: Literal["yes"] = Field(alias="is")
    fact: Fact


class Defined(Part):
    """A word that a file of this place or of one above it defines. Written as the bare word: `judicial_warrant`."""

    is_: Literal["defined"] = Field(alias="is")
    word: str


class Choice(Part):
    """A fact with one value out of a list. Written `{facility: [jail, police]}`."""

    is_: Literal["choice"] = Field(alias="is")
    fact: Fact
    any_of: tuple[str, ...] = Field(min_length=1)


class Has(Part):
    """A fact that is a set and holds one of these. Written `{warrant: [judicial]}`."""

    is_: Literal["has"] = Field(alias="is")
    fact: Fact
    any_of: tuple[str, ...] = Field(min_length=1)


class Only(Part):
    """A fact that is a set and holds nothing but these, or nothing. Written `{warrant: {only: [administrative]}}`."""

    is_: Literal["only"] = Field(alias="is")
    fact: Fact
    of: tuple[str, ...]


class Number(Part):
    """A number within bounds. Written `{age: {under: 18}}`; `at_least` and `at_most` include their bound."""

    is_: Literal["number"] = Field(alias="is")
    fact: Fact
    under: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "Number":
        if self.under is None and self.at_least is None and self.at_most is None:
            raise ValueError(f"[{self.fact}] needs a bound: under, at_least or at_most")
        return self


class Between(Part):
    """A date in a half-open range. Written `{offence_on: {since: 2024-12-01, before: 2025-10-01}}`."""

    is_: Literal["between"] = Field(alias="is")
    fact: Fact
    since: Date | None = None
    before: Date | None = None
    within_years: Years | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "Between":
        if self.since is None and self.before is None and self.within_years is None:
            raise ValueError(f"[{self.fact}] needs a bound: since, before or within_years")
        return self


class Text(Part):
    """A text fact equal to one of these, letter case aside. Written `{issuing_office: [PERC]}`."""

    is_: Literal["text"] = Field(alias="is")
    fact: Fact
    any_of: tuple[str, ...] = Field(min_length=1)


class Place(Part):
    """The place asked about is, or lies in, one of these. Written `{place: [us/ma/essex_county]}`."""

    is_: Literal["place"] = Field(alias="is")
    within: tuple[str, ...] = Field(min_length=1)


class Offences(Part):
    """A conviction or a pending charge that matches every line given. Written `{conviction: {of: [any], within_years: 5}}`.

    `of` names offence lists, or `any`. A look-back runs from `counted_from` of the offence to `counted_to`;
    `time_inside` says whether days in prison in between count.
    """

    is_: Literal["conviction", "pending_charge"] = Field(alias="is")
    of: tuple[str, ...] = Field(min_length=1)
    level: tuple[words.OffenceLevel, ...] = ()
    degree: tuple[str, ...] = ()
    within_years: Years | None = None
    counted_from: Literal["on", "offence_on"] = "on"
    counted_to: Literal["asked_on", "arrested_on"] = "asked_on"
    time_inside: Literal["counts", "does_not_count"] = "counts"
    findings: tuple[words.Finding, ...] = ("conviction",)
    wobbler: Literal[True] | None = None
    punishable_by_state_prison: Literal[True] | None = None
    probable_cause_found: Literal[True] | None = None
    cancelled_by: tuple[Literal["reduced", "vacated"], ...] = ()


class Not(Part):
    """Written `{not: CONDITION}`."""

    is_: Literal["not"] = Field(alias="is")
    of: "Condition"


class AllOf(Part):
    """Written `{all_of: [CONDITION, ...]}`, or as a plain list under `when`."""

    is_: Literal["all_of"] = Field(alias="is")
    of: tuple["Condition", ...] = Field(min_length=1)


class AnyOf(Part):
    """Written `{any_of: [CONDITION, ...]}`, or as a plain list under `unless`."""

    is_: Literal["any_of"] = Field(alias="is")
    of: tuple["Condition", ...] = Field(min_length=1)


_STRUCTURES = ("not", "all_of", "any_of")
_OFFENCES = ("conviction", "pending_charge")
_SHAPES: dict[str, str] = {"choice": "choice", "choices": "has", "number": "number", "date": "between", "text": "text"}
WORDS: tuple[str, ...] = ("always", "place", *_STRUCTURES, *_OFFENCES, *KINDS)


def _bare(word: str) -> dict[str, Any]:
    if word == "always":
        return {"is": "always"}
    if KINDS.get(word) == "yes_no":
        return {"is": "yes", "fact": word}
    if word in KINDS:
        raise ValueError(f"[{word}] needs its values, as in {{{word}: ...}}")
    # Whether a file defines the word is known only when the files stand together; compiling checks it.
    return {"is": "defined", "word": word}


def _listed(fact: str, given: Any) -> tuple[str, ...]:
    values = tuple(str(value) for value in (given if isinstance(given, list | tuple) else [given]))
    known = CHOICES.get(fact)
    for value in values:
        if known is not None and value not in known:
            raise ValueError(f"[{value}] is not a value of {fact}; known: {', '.join(known)}{nearest(value, known)}")
    return values


def _about_fact(fact: str, given: Any) -> dict[str, Any]:
    shape = _SHAPES[KINDS[fact]]
    if shape == "has" and isinstance(given, Mapping):
        if set(given) != {"only"}:
            raise ValueError(f"[{fact}] takes a list, or {{only: [...]}}")
        return {"is": "only", "fact": fact, "of": _listed(fact, given["only"])}
    if shape in ("number", "between"):
        if not isinstance(given, Mapping):
            raise ValueError(f"[{fact}] takes bounds, as in {{{fact}: {{...}}}}")
        return {"is": shape, "fact": fact, **given}
    return {"is": shape, "fact": fact, "any_of": _listed(fact, given)}


def _keyed(key: str, given: Any) -> dict[str, Any]:
    if key in _STRUCTURES:
        return {"is": key, "of": given}
    if key in _OFFENCES:
        if not isinstance(given, Mapping):
            raise ValueError(f"[{key}] takes {{of: [...]}}")
        return {"is": key, **given}
    if key == "place":
        return {"is": "place", "within": given}
    if KINDS.get(key) == "yes_no":
        raise ValueError(f"[{key}] is a yes/no fact: write {key}, or {{not: {key}}}")
    if key not in KINDS or KINDS[key] == "list":
        raise ValueError(f"[{key}] is not a condition{nearest(key, WORDS)}")
    return _about_fact(key, given)


def spelled_out(short: Any) -> Any:
    """Return the long form of a condition written short; what is no condition is refused with the nearest word."""
    if isinstance(short, Part):
        return short
    if isinstance(short, str):
        return _bare(short)
    if isinstance(short, Mapping) and "is" in short:
        return short
    if isinstance(short, Mapping) and len(short) == 1:
        [(key, given)] = cast("Mapping[str, Any]", short).items()
        return _keyed(key, given)
    raise ValueError("a condition is one word, or one key with its values")


Condition = Annotated[
    Annotated[
        Always | Yes | Defined | Choice | Has | Only | Number | Between | Text | Place | Offences | Not | AllOf | AnyOf,
        Field(discriminator="is_"),
    ],
    BeforeValidator(spelled_out),
]


def _joined(word: str) -> BeforeValidator:
    def join(value: Any) -> Any:
        if isinstance(value, list) and len(value) != 1:
            return {"is": word, "of": value}
        return value[0] if isinstance(value, list) else value

    return BeforeValidator(join)


# Under `when` a list means all of them, under `unless` any of them, as lawyers write provisos.
When = Annotated[Condition, _joined("all_of")]
Unless = Annotated[Condition, _joined("any_of")]
