"""The law for anybody, without a token: answers, places, provisions and the closed list of facts. It reads no record."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any, Final, get_args

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, field_validator

from detainer import __version__, law
from detainer.api import bodies, replies
from detainer.api.routes import router
from detainer.api.tokens import known_only
from detainer.exchange import refusals
from detainer.exchange.refusals import Refused
from detainer.law.errors import nearest
from detainer.law.facts import CHOICES, KINDS, QUESTIONS, InputKind
from detainer.law.reading import PlaceShown, ProvisionShown
from detainer.law.surveying import Coverage
from detainer.law.words import Ask, Value

MOST: Final = 100  # questions of one call
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
CACHED: Final = "public, max-age=300"

Day = Annotated[dt.date, Field(ge=FIRST, le=LAST, description="The custodian's day.")]
On = Annotated[dt.date | None, Query(ge=FIRST, le=LAST, description="How each provision stands on this day.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Question(BaseModel):
    """One ask at one place on one day, and what is known: `GET /law/facts` lists the facts; one left out is not known."""

    model_config = ConfigDict(extra="forbid")

    place: Name = Field(description="us, us/ma, us/ma/essex_county, us/ma/boston.")
    ask: Ask
    on: Day
    facts: dict[str, Any] = {}

    @field_validator("facts")
    @classmethod
    def _few(cls, facts: dict[str, Any]) -> dict[str, Any]:
        """Anybody may ask, so a question is kept to what a person can be: nobody has a thousand convictions."""
        for name, value in facts.items():
            if isinstance(value, list) and len(value) > MOST:
                raise ValueError(f"[{name}] has more than {MOST} items")
        return facts


class LawQuestions(RootModel[Question | Annotated[list[Question], Field(min_length=1, max_length=MOST)]]):
    """One question, or a list of at most 100."""


class LawAnswers(RootModel[law.Answer | list[law.Answer]]):
    """The answer to one question, or those to a list in its order."""


class Jurisdictions(BaseModel):
    """The files of law, by path, and the SHA-256 of all their texts."""

    law: str
    jurisdictions: list[Coverage]


class FactListed(BaseModel):
    """A fact that rules may turn on: its question, how it is answered, and the words that it may be."""

    fact: str
    question: str
    kind: InputKind
    choices: list[str]


class Vocabulary(BaseModel):
    """The closed words of questions and answers."""

    asks: list[str]
    values: list[str]
    facts: list[FactListed]


def _etag() -> str:
    return f'"{law.library().hash[:32]}-{__version__}"'


_ETAG: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "The law's and the code's version: what If-None-Match takes."},
    "Cache-Control": {"schema": {"type": "string"}},
}


def _documented(*statuses: int) -> dict[str, Any]:
    return replies.open_to_all(*statuses) | {
        HTTPStatus.OK: {"headers": _ETAG},
        HTTPStatus.NOT_MODIFIED: {"description": "As it was"},
    }


def _cached(request: HttpRequest, made: Callable[[], bytes]) -> HttpResponse:
    """Return JSON that stays the same as long as the law and the code do; 304 to who has it."""
    headers = {"ETag": _etag(), "Cache-Control": CACHED}
    seen = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    if headers["ETag"] in seen:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return HttpResponse(made(), content_type="application/json", headers=headers)


def _answered(question: Question, at: str) -> law.Answer:
    try:
        return law.answer(question.place, question.ask, question.on, question.facts)
    except law.PlaceUnknown as error:
        raise refusals.one_field(f"{at}place", str(error)) from error
    except law.LawError as error:
        raise refusals.one_field(f"{at}facts", str(error)) from error


@router.post(
    "/law/answer",
    operation_id="law_answer",
    summary="Ask the law",
    tags=["law"],
    auth=None,
    by_alias=True,
    response={200: LawAnswers},
    openapi_extra={
        "responses": replies.open_to_all(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY
        ),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/command.LawQuestions"}}},
        },
    },
)
@known_only
def answer(request: HttpRequest) -> HttpResponse:
    """What a custodian must, may or must not do, with the rules that say so and what would have to be known. Not legal advice."""
    told = bodies.json_value(request)
    try:
        # A list is read as one, so that what is wrong is told by its place in it.
        asked = [Question.model_validate(told)] if isinstance(told, dict) else LawQuestions.model_validate(told).root
    except ValidationError as error:
        raise _invalid(error, told) from error
    if isinstance(told, dict):
        return replies.answer(_answered(asked[0], "").model_dump(mode="json"))
    return replies.answer([_answered(one, f"{at}.").model_dump(mode="json") for at, one in enumerate(asked)])


def _invalid(error: ValidationError, told: Any) -> Refused:
    """Return what is wrong with the questions, without the branches that the model tried."""
    if not isinstance(told, list):
        return refusals.invalid(error) if isinstance(told, dict) else Refused("invalid", "the body is no question and no list")
    found = [item for item in error.errors() if item["loc"][:1] != ("Question",)]
    wrong = [refusals.FieldError(".".join(str(step) for step in item["loc"][1:]) or "body", str(item["msg"])) for item in found]
    return Refused("invalid", "; ".join(f"{item.field}: {item.message}" for item in wrong[:5]), errors=wrong)


@lru_cache(maxsize=1)
def _jurisdictions(library: law.Library) -> bytes:
    return Jurisdictions(law=library.hash, jurisdictions=list(law.coverage(library))).model_dump_json().encode()


@router.get(
    "/law/jurisdictions",
    operation_id="law_jurisdictions",
    summary="Places with a file of law",
    tags=["law"],
    auth=None,
    by_alias=True,
    response={200: Jurisdictions},
    openapi_extra={"responses": _documented(HTTPStatus.UNPROCESSABLE_ENTITY)},
)
@known_only
def jurisdictions(request: HttpRequest) -> HttpResponse:
    """What each file covers, how well it was checked, what is not known. Every county can be asked about besides."""
    return _cached(request, lambda: _jurisdictions(law.library()))


def _place(place: str, on: dt.date | None) -> PlaceShown:
    try:
        return law.show(place, on)
    except law.PlaceUnknown as error:
        raise Refused("not-found", str(error)) from error


@router.get(
    "/law/jurisdictions/{path:place}",
    operation_id="law_jurisdiction",
    summary="The law of a place",
    tags=["law"],
    auth=None,
    by_alias=True,
    response={200: PlaceShown},
    openapi_extra={"responses": _documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)},
)
@known_only
def jurisdiction(
    request: HttpRequest,
    place: Annotated[str, Path(description="us, us/ma, us/ma/essex_county.", max_length=200)],
    on: On = None,
) -> HttpResponse:
    """Every provision that binds a place as a sentence with its source, from the highest law to the nearest."""
    shown = _place(place, on)
    return _cached(request, lambda: shown.model_dump_json().encode())


@lru_cache(maxsize=1)
def _where(library: law.Library) -> Mapping[str, str]:
    """Return the path of the file that each provision stands in, by its id."""
    return {
        item.id: one.path
        for files in library.layers.values()
        for one in files
        for item in (*one.rules, *one.duties, *one.time_limits)
    }


@router.get(
    "/law/rules/{id}",
    operation_id="law_rule",
    summary="A provision",
    tags=["law"],
    auth=None,
    by_alias=True,
    response={200: ProvisionShown},
    openapi_extra={"responses": _documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)},
)
@known_only
def rule(
    request: HttpRequest,
    id: Annotated[str, Path(description="us-287.7-d-hold", max_length=200)],  # noqa: A002  (its name in the address)
    on: On = None,
) -> HttpResponse:
    """A rule, a duty or a limit of time by its id, with its spans and its source."""
    where = _where(law.library())
    if id not in where:
        raise Refused("not-found", f"no rule, duty or limit of time has the id [{id}]{nearest(id, where)}")
    shown = next(
        item for layer in law.show(where[id], on).layers if layer.path == where[id] for item in layer.provisions if item.id == id
    )
    return _cached(request, lambda: shown.model_dump_json().encode())


def _vocabulary() -> Vocabulary:
    facts = [
        FactListed(fact=name, question=QUESTIONS[name], kind=kind, choices=list(CHOICES.get(name, ())))
        for name, kind in KINDS.items()
    ]
    return Vocabulary(asks=list(law.ASKS), values=list(get_args(Value)), facts=facts)


@router.get(
    "/law/facts",
    operation_id="law_facts",
    summary="The facts that rules turn on",
    tags=["law"],
    auth=None,
    by_alias=True,
    response={200: Vocabulary},
    openapi_extra={"responses": _documented(HTTPStatus.UNPROCESSABLE_ENTITY)},
)
@known_only
def facts(request: HttpRequest) -> HttpResponse:
    """The closed vocabulary: asks, values of answers, and each fact with its question and its words."""
    return _cached(request, lambda: _vocabulary().model_dump_json().encode())
