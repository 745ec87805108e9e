"""The facts a rule may turn on: one frozen model, each field with the question a clerk is asked for it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from detainer.law import words
from detainer.law.dates import Date
from detainer.law.errors import nearest

InputKind = Literal["yes_no", "choice", "choices", "number", "date", "text", "list"]


def _words_of(annotation: object) -> tuple[str, ...]:
    return tuple(word for word in get_args(annotation) if isinstance(word, str))


def _one_of(name: str, known: tuple[str, ...], also: Mapping[str, str]) -> BeforeValidator:
    words_by_letters = {word.casefold(): word for word in known} | {word.casefold(): exact for word, exact in also.items()}

    def check(value: Any) -> Any:
        word = words_by_letters.get(value.casefold(), value) if isinstance(value, str) else value
        if word is None or word in known:
            return word
        raise ValueError(f"[{value}] is not a value of {name}; known: {', '.join(known)}{nearest(str(value), known)}")

    return BeforeValidator(check)


def _set_of(name: str, known: tuple[str, ...]) -> BeforeValidator:
    words_by_letters = {word.casefold(): word for word in known}

    def check(value: Any) -> Any:
        if value is None:
            return None
        listed = [value] if isinstance(value, str) else list(value)
        given = [words_by_letters.get(word.casefold(), word) if isinstance(word, str) else word for word in listed]
        for word in given:
            if word not in (*known, "none"):
                raise ValueError(f"[{word}] is not a value of {name}; known: none, {', '.join(known)}{nearest(str(word), known)}")
        # Order and repetition say nothing here, so equal sets must be equal facts.
        return tuple(word for word in known if word in given)

    return BeforeValidator(check)


def _names(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(model.model_fields) | {field.alias for field in model.model_fields.values() if field.alias}


def _refuse_unknown(model: type[BaseModel], data: Mapping[Any, Any], names: frozenset[str]) -> None:
    if not data.keys() <= names:
        shown = [field.alias or name for name, field in model.model_fields.items()]
        key = next(key for key in data if key not in names)
        raise ValueError(f"[{key}] is not a fact of {model.__name__}{nearest(str(key), shown)}")


# What follows of itself from the value of a fact, and only what is certain. A state's prisons belong to its executive (who runs
# one by contract is told by custodian_role); a jail or a court can belong to several governments, so nothing follows there.
FOLLOWS: dict[str, dict[Any, tuple[str, Any]]] = {
    "pending_charges": {(): ("charged", False)},
    "facility": {
        "state_prison": ("custodian_government", "state_executive"),
        "federal": ("custodian_government", "federal"),
    },
    "acts_under_287g": {True: ("agreement_287g", True)},
    "agreement_287g": {False: ("acts_under_287g", False)},
}


def following(known: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the facts that follow from those known and are not told. ValueError when one told says otherwise."""
    found: dict[str, Any] = {}
    for name, table in FOLLOWS.items():
        value = known.get(name)
        if isinstance(value, (list, tuple)):
            value = tuple(value) if all(isinstance(word, str) for word in value) else None
        if isinstance(value, (str, bool, tuple)) and value in table:
            fact, follows = table[value]
            told = known.get(fact)
            if told is None:
                found[fact] = follows
            elif told != follows:
                raise ValueError(f"{name} [{value}] and {fact} [{told}] cannot both be so: from the first follows [{follows}]")
    return found


Yes = Annotated[bool, Field(strict=True)] | None
_UNITS = {"ERO": "civil_enforcement", "HSI": "criminal_investigation"}
Facility = Annotated[words.Facility | None, _one_of("facility", _words_of(words.Facility), {})]
RequesterUnit = Annotated[words.RequesterUnit | None, _one_of("requester_unit", _words_of(words.RequesterUnit), _UNITS)]
Citizenship = Annotated[words.Citizenship | None, _one_of("citizenship", _words_of(words.Citizenship), {})]
Form = Annotated[words.Form | None, _one_of("form", _words_of(words.Form), {})]
Purpose = Annotated[words.Purpose | None, _one_of("purpose", _words_of(words.Purpose), {})]
Role = Annotated[words.CustodianRole | None, _one_of("custodian_role", _words_of(words.CustodianRole), {})]
Government = Annotated[words.Government | None, _one_of("custodian_government", _words_of(words.Government), {})]
Judge = Annotated[words.Judge | None, _one_of("judge", _words_of(words.Judge), {})]
Agency = Annotated[words.RequesterAgency | None, _one_of("requester_agency", _words_of(words.RequesterAgency), {})]
IssuerClass = Annotated[words.IssuerClass | None, _one_of("issuer_class", _words_of(words.IssuerClass), {})]
Channel = Annotated[words.Channel | None, _one_of("interview_by", _words_of(words.Channel), {})]
Ground = Annotated[words.ReleaseGround | None, _one_of("release_ground", _words_of(words.ReleaseGround), {})]
Warrants = Annotated[tuple[words.Warrant, ...] | None, _set_of("warrant", _words_of(words.Warrant))]
Informations = Annotated[tuple[words.Information, ...] | None, _set_of("information", _words_of(words.Information))]
ProtectedAs = Annotated[tuple[words.Protected, ...] | None, _set_of("protected", _words_of(words.Protected))]
Models287g = Annotated[tuple[words.Model287g, ...] | None, _set_of("agreement_287g_model", _words_of(words.Model287g))]


class Offence(BaseModel):
    """One conviction, finding or pending charge. A field left out is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    offence: str | None = None
    level: words.OffenceLevel | None = Field(default=None, alias="class")
    degree: str | None = None
    statute: str | None = None
    on: Date | None = None
    offence_on: Date | None = None
    finding: words.Finding | None = None
    probable_cause_found: Yes = None
    wobbler: Yes = None
    punishable_by_state_prison: Yes = None
    reduced: Yes = None
    vacated: Yes = None
    sentence_days: int | None = Field(default=None, ge=0)
    days_inside_since: int | None = Field(default=None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            _refuse_unknown(cls, data, _OFFENCE_NAMES)
        return data


_OFFENCE_NAMES = _names(Offence)


class Facts(BaseModel):
    """What is known. None is not known; an empty list is known to be none. Unknown keys and values are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    # the place of custody and who acts there
    facility: Facility = Field(None, description="In what kind of place is the person held?")
    custodian_role: Role = Field(None, description="Who at the custodian would act on the request?")
    custodian_government: Government = Field(None, description="Which government does the custodian belong to?")
    agreement_287g: Yes = Field(None, description="Does the custodian have a 287(g) agreement in force?")
    agreement_287g_model: Models287g = Field(None, description="Which models of 287(g) agreement does the custodian have?")
    agreement_287g_signed_on: Date | None = Field(None, description="When was the 287(g) agreement signed?")
    acts_under_287g: Yes = Field(None, description="Would the custodian's own officers act under the 287(g) agreement?")
    officer_certified_287g: Yes = Field(None, description="Is the officer who would act trained and certified under 287(g)?")
    certified_need_287g: Yes = Field(
        None,
        description="Has the state certified in writing a public-safety need for the 287(g) agreement, for 12 months at most?",
    )
    governor_made_287g: Yes = Field(None, description="Did the Governor make the 287(g) agreement?")
    federal_contract: Yes = Field(None, description="Does the custodian hold the person for the federal government by contract?")
    criminal_alien_program: Yes = Field(None, description="Does the county or city take part in ICE's Criminal Alien Program?")
    basic_ordering_agreement: Yes = Field(None, description="Does the custodian have an ICE Basic Ordering Agreement?")
    indemnified: Yes = Field(
        None, description="Is the custodian indemnified by statute or contract for what it does on the request?"
    )
    no_cost: Yes = Field(None, description="Does the request come without cost to the custodian, or are its costs paid?")

    # the request and who asks
    form: Form = Field(None, description="On which form did the request come?")
    form_complete: Yes = Field(None, description="Is the form complete and signed?")
    in_writing: Yes = Field(None, description="Did the request come in writing?")
    requester_agency: Agency = Field(None, description="Which agency asks?")
    requester_unit: RequesterUnit = Field(None, description="Which part of the agency asks?")
    purpose: Purpose = Field(None, description="For what purpose is it asked?")
    issuing_office: str | None = Field(None, description="Which office issued the request?")
    issuer_class: IssuerClass = Field(None, description="What kind of officer signed the request?")
    on_request: Yes = Field(None, description="Did the requester ask for this, so that the custodian only answers?")
    requester_present: Yes = Field(None, description="Is an officer of the requester present at the moment of release?")
    nonpublic_area: Yes = Field(None, description="Would the requester enter an area that is not open to the public?")
    information: Informations = Field(None, description="What kinds of information are asked for?")
    public_information: Yes = Field(None, description="Is all of the information asked for already public?")
    interview_by: Channel = Field(None, description="How would the interview be held?")
    requested_by_person: Yes = Field(None, description="Did the person themselves ask for it?")
    written_federal_instruction: Yes = Field(
        None, description="Is there a written instruction of ICE or its support center that names this person?"
    )
    person_named: Yes = Field(None, description="Does the request name this person, rather than a class of people?")
    exigent: Yes = Field(None, description="Is there an emergency that puts life or safety at risk?")
    immigration_crime: Yes = Field(
        None, description="Does the request concern a federal crime about immigration status, such as unlawful entry or re-entry?"
    )
    confidential_information: Yes = Field(
        None,
        description="Does state law call any of the information asked for confidential, such as a Social Security number?",
    )
    hinders_investigation: Yes = Field(None, description="Would this hinder a criminal investigation?")
    required_by_law: Yes = Field(None, description="Does another law (not the request) compel this act?")
    copy_served: Yes = Field(None, description="Was the person given a copy of the request?")

    # the papers
    warrant: Warrants = Field(None, description="Which warrant came with the request?")
    warrant_complete: Yes = Field(None, description="Is the warrant completed and signed?")
    judge: Judge = Field(None, description="Which kind of judge signed the warrant or order?")
    probable_cause_stated: Yes = Field(
        None, description="Does the request state probable cause that the person is removable (not only that an inquiry began)?"
    )
    judicial_probable_cause: Yes = Field(None, description="Has a judge found probable cause of a crime in writing?")
    outstanding_federal_felony_warrant: Yes = Field(None, description="Is there a federal felony warrant for the person?")
    outstanding_warrant: Yes = Field(None, description="Is there any other outstanding criminal warrant for the person?")
    court_order: Yes = Field(None, description="Has a court ordered the custodian to do this?")
    judicial_subpoena: Yes = Field(None, description="Is there a subpoena issued by a court?")
    judicial_writ: Yes = Field(None, description="Is there a judge's writ that moves the person to or from federal custody?")
    judicial_identity_order: Yes = Field(None, description="Has a judicial official ordered the hold after checking identity?")
    neutral_review: Yes = Field(None, description="Did someone outside the issuing chain review probable cause?")
    final_order: Yes = Field(None, description="Is there a final order of removal?")
    final_order_signed_by: Judge = Field(None, description="Who signed the final order of removal?")
    pending_removal_proceedings: Yes = Field(None, description="Is the person in removal proceedings?")
    ice_habeas_writ: Yes = Field(None, description="Is a writ being arranged to bring the person from ICE custody to court?")
    federal_consent: Yes = Field(None, description="Does the federal government consent to take the person earlier?")
    federal_criminal_custody: Yes = Field(None, description="Is the person in federal criminal custody?")
    federal_release_order: Yes = Field(None, description="Has a federal court ordered the person's release?")
    likely_to_escape_found: Yes = Field(
        None, description="Was it found for this person that they would likely escape before a warrant can be had?"
    )

    # the person
    age: int | None = Field(None, ge=0, le=130, description="How old is the person?")
    citizenship: Citizenship = Field(None, description="Does the person claim, or have they shown, US citizenship?")
    lawful_status_proved: Yes = Field(None, description="Has the person shown proof of lawful immigration status?")
    status_verified: Yes = Field(None, description="Has the federal government verified that the person is unlawfully present?")
    unlawful_presence_suspected: Yes = Field(
        None, description="Is there reason to believe that the person is not lawfully present?"
    )
    unlawful_presence_probable_cause: Yes = Field(
        None, description="Is there probable cause to believe that the person is not lawfully present?"
    )
    contradicted: Yes = Field(
        None, description="Has the custodian information against removability, such as an offer to prove citizenship?"
    )
    contradiction_checked: Yes = Field(None, description="Did the custodian take a step to check that information?")
    status_undetermined: Yes = Field(
        None, description="Could the custodian not determine the person's legal status from them or their documents?"
    )
    previously_removed: Yes = Field(None, description="Was the person removed before?")
    registered_sex_offender: Yes = Field(None, description="Is the person on a sex offender registry?")
    terrorist_watchlist: Yes = Field(None, description="Is the person a match in a terrorist database?")
    gang_database: Yes = Field(None, description="Is the person a match in a gang database?")
    protected: ProtectedAs = Field(None, description="Is the person a victim, a witness, or otherwise protected?")
    consent_in_writing: Yes = Field(None, description="Did the person consent in writing, after being told their rights?")
    rights_explained: Yes = Field(None, description="Were the person's rights explained to them in their language?")
    counsel_present: Yes = Field(None, description="Is the person's lawyer present, or has the person waived one?")
    counsel_notified: Yes = Field(None, description="Was the person's lawyer told?")
    told_and_heard: Yes = Field(None, description="Was the person told why they are held and given a way to contest it?")

    # the criminal case and the release
    convictions: tuple[Offence, ...] | None = Field(None, description="What has the person been convicted of, and when?")
    pending_charges: tuple[Offence, ...] | None = Field(None, description="What is the person charged with now?")
    charged: Yes = Field(None, description="Is the person charged with a crime?")
    arrested_on: Date | None = Field(None, description="When was the person arrested this time?")
    offence_on: Date | None = Field(None, description="When was the offence charged now committed?")
    released_from_sentence_on: Date | None = Field(None, description="When was the person last released from a sentence?")
    lra_described: Yes = Field(None, description="Do 8 USC 1226(c)(1)(E)'s grounds (Laken Riley Act) describe the person?")
    arresting_agency: Yes = Field(None, description="Did the custodian itself arrest the person?")
    drug_arrest: Yes = Field(None, description="Was the person arrested for a controlled-substance offence?")
    agency_asked_for_detainer: Yes = Field(
        None, description="Did the custodian itself ask DHS for the detainer, or report the person?"
    )
    federal_crime_suspected: Yes = Field(None, description="Is there reasonable suspicion of a federal crime, such as re-entry?")
    eligible_for_release: Yes = Field(None, description="Has the ground for the custodian's own custody ended?")
    release_ground: Ground = Field(None, description="Why is the person due for release?")
    state_charges_resolved: Yes = Field(None, description="Are the state charges resolved?")
    days_before_release: int | None = Field(None, ge=0, description="How many days remain before the release date?")
    sentence_days: int | None = Field(None, ge=0, description="How long is the sentence being served, in days?")
    determinate_sentence_served: Yes = Field(
        None, description="Has the person served the determinate part (the fixed minimum) of the sentence?"
    )
    pickup_confirmed_in_writing: Yes = Field(
        None, description="Has DHS confirmed in writing that it will take custody on release and deport the person?"
    )
    state_prison_sentence: Yes = Field(None, description="Was the person ever sentenced to a term in a prison of this state?")
    served_five_years_elsewhere: Yes = Field(
        None, description="Was the person sentenced in another state to five years or more, and served at least five?"
    )

    # judgements that the law leaves to the custodian; the reason is recorded with the decision
    possible_and_safe: Yes = Field(None, description="Does the custodian judge that this is possible and safe?")
    undue_burden: Yes = Field(None, description="Does the custodian judge that this is an undue burden, risk or expense?")
    facially_sufficient: Yes = Field(None, description="Does the custodian find the papers sufficient on their face?")
    public_safety_need: Yes = Field(None, description="Does the custodian find that public safety needs this?")
    seamless_transfer: Yes = Field(None, description="Does the custodian find that this makes the transfer seamless?")

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        _refuse_unknown(cls, data, _FACT_NAMES)
        follows = following(data)
        return {**data, **follows} if follows else data


_FACT_NAMES = _names(Facts)


def _parts(annotation: object) -> tuple[object, ...]:
    return tuple(part for part in get_args(annotation) if part is not type(None))


def _kind(name: str) -> InputKind:
    parts = _parts(Facts.model_fields[name].annotation)
    text = " ".join(str(part) for part in parts)
    table: tuple[tuple[str, InputKind], ...] = (
        ("Offence", "list"),
        ("tuple", "choices"),
        ("Literal", "choice"),
        ("bool", "yes_no"),
        ("PartialDate", "date"),
        ("int", "number"),
    )
    return next((kind for mark, kind in table if mark in text), "text")


def _choices(name: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in _parts(Facts.model_fields[name].annotation):
        for word in (part, *get_args(part)):
            found += _words_of(word)
    return tuple(dict.fromkeys(word for word in found if word != "none"))


KINDS: dict[str, InputKind] = {name: _kind(name) for name in Facts.model_fields}
CHOICES: dict[str, tuple[str, ...]] = {name: _choices(name) for name, kind in KINDS.items() if kind in ("choice", "choices")}
QUESTIONS: dict[str, str] = {name: cast("str", field.description) for name, field in Facts.model_fields.items()}

# The facts as the tests read them: every name of Facts with its value, None where it is not known.
Known = Mapping[str, Any]
