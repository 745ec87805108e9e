"""The closed lists of words that rules and facts are written in."""

from typing import Literal, get_args

Ask = Literal["notify", "hold", "transfer", "share", "interview"]
ASKS: tuple[Ask, ...] = get_args(Ask)

Effect = Literal["require", "permit", "forbid", "bars_restriction", "ask_counsel"]
Strength = Literal["firm", "soft"]
Value = Literal["must", "may", "must_not", "needs_facts", "conflict", "ask_counsel"]
Confidence = Literal["high", "medium", "low"]
Party = Literal["custodian", "requester"]
SpanState = Literal["in_force", "enjoined", "stayed", "repealed", "pending"]

Facility = Literal["jail", "police", "court", "state_prison", "probation", "juvenile", "federal"]
CustodianRole = Literal[
    "jail_staff", "patrol", "court_officer", "probation_officer", "prosecutor", "contractor", "judicial_official"
]
Government = Literal["state_executive", "state_judiciary", "county", "municipal", "federal", "tribal", "private"]

# `judicial` is a judge's warrant of a kind not stated; `administrative` an I-200 or an I-205, not stated which.
Warrant = Literal["administrative", "I-200", "I-205", "judicial", "judicial_criminal", "judicial_civil"]
Judge = Literal["federal_judge", "federal_magistrate", "state_judge", "state_magistrate", "immigration_judge"]
Form = Literal["I-247", "I-247A", "I-247D", "I-247N", "I-247X", "I-247G", "I-203", "letter", "spoken", "other"]
RequesterAgency = Literal["ice", "cbp", "uscis", "marshals", "fbi", "other"]
RequesterUnit = Literal["civil_enforcement", "criminal_investigation", "task_force", "other"]
Purpose = Literal["civil_immigration", "criminal", "other"]
IssuerClass = Literal[
    "border_patrol_agent",
    "special_agent",
    "deportation_officer",
    "immigration_inspector",
    "adjudications_officer",
    "immigration_enforcement_agent",
    "supervisor",
    "designated_officer",
    "officer_under_287g",
    "other",
]
Citizenship = Literal["noncitizen", "claims_us", "proved_us"]
Protected = Literal["victim", "witness", "vawa_t_u_applicant", "domestic_violence_victim", "diplomat", "other"]
Information = Literal[
    "immigration_status",
    "custody_status",
    "release_date",
    "release_time",
    "court_dates",
    "case_information",
    "home_address",
    "work_address",
    "contacts",
    "identifiers",
    "criminal_history",
    "photograph",
    "medical",
    "other",
]
Model287g = Literal["jail_enforcement", "warrant_service", "task_force"]
ReleaseGround = Literal[
    "charges_dropped", "acquitted", "sentence_served", "bond_posted", "own_recognizance", "diversion", "court_order", "other"
]
Channel = Literal["in_person", "telephone", "video"]
OffenceLevel = Literal["felony", "misdemeanor", "infraction"]
Finding = Literal["conviction", "juvenile_adjudication", "youthful_offender", "not_guilty_by_insanity", "diversion"]

# A vague word and the exact words it may stand for.
VAGUE: dict[str, frozenset[str]] = {
    "administrative": frozenset({"I-200", "I-205"}),
    "judicial": frozenset({"judicial_criminal", "judicial_civil"}),
}
