"""How a detainer of the published tables ended: what its lift reason says, joined with what the same person id shows after."""

from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from detainer.record.ends import OutcomeValue

Evidence = Literal["stated", "linked", "both", "contradicted", "none"]
Custody = Literal["in_custody", "at_large"]


class Windows(BaseModel):
    """How far apart, in calendar days, two rows of one person id may lie and still speak of one detainer.

    `before`: an arrest or book-in may be entered this many days before the detainer and still be of it. The Deportation Data
    Project pairs arrests with book-ins from 5 days before, and in the 2026 release some arrests are entered up to 5 days early.
    `hand_over`: with no lift reason, a book-in up to this many days after is read as the hand-over. A year: half of them come
    within days, but people serve a county sentence first; a later book-in is too likely to be of another episode.
    `contradicts`: a book-in this soon after the detainer speaks against a reason that says that the requester did not get the
    person. Two days: the form asks for 48 hours at most beyond the release, so that ICE had the person before that hold, had
    it been refused, could have run out; later, the person may have been let go and arrested again.
    """

    model_config = ConfigDict(frozen=True)

    before: int = Field(default=5, ge=0)
    hand_over: int = Field(default=365, ge=0)
    contradicts: int = Field(default=2, ge=0)


class Lifted(NamedTuple):
    """What one published lift reason is read as: its class, the outcome, and the reason of a release or a withdrawal."""

    lift_class: str
    outcome: OutcomeValue
    reason: str | None = None


# Source: the values that the releases of 2007 to 2026 carry; ICE has published no dictionary of them, so each reading is ours.
# `Insufficient Notice to ICE` says that the notice came too late for ICE; it does not say what notice the law called for.
LIFTED: Final[dict[str, Lifted]] = {
    "BOOKED INTO DETENTION": Lifted("booked", "handed_over"),
    "DETAINER DECLINED BY LEA": Lifted("declined", "declined"),
    "NO LONGER IN STATE, LOCAL, OR FEDERAL CUSTODY": Lifted("out_of_custody", "released", "out_of_custody"),
    "EARLY RELEASE": Lifted("early_release", "released", "early_release"),
    "INSUFFICIENT NOTICE TO ICE": Lifted("short_notice", "released", "short_notice"),
    "ICE TEMPORARY RESOURCE CONSTRAINT": Lifted("could_not_come", "withdrawn", "could_not_come"),
    "LIFTED - LACK OF FUNDS": Lifted("could_not_come", "withdrawn", "could_not_come"),
    "LIFTED - LACK OF SPACE": Lifted("could_not_come", "withdrawn", "could_not_come"),
    "LIFTED": Lifted("lifted", "withdrawn", "unstated"),
    "CASE CLOSED": Lifted("case_closed", "withdrawn", "case_closed"),
    "PROSECUTORIAL DISCRETION": Lifted("discretion", "withdrawn", "discretion"),
    "JUDICIAL REVIEW": Lifted("judicial_review", "withdrawn", "judicial_review"),
    "ISSUED IN ERROR": Lifted("in_error", "withdrawn", "in_error"),
    "NOT AMENABLE TO REMOVAL": Lifted("not_removable", "withdrawn", "not_removable"),
    "NONCITIZEN NOT AMENABLE TO REMOVAL": Lifted("not_removable", "withdrawn", "not_removable"),
    "ALIEN NOT AMENABLE TO REMOVAL": Lifted("not_removable", "withdrawn", "not_removable"),
    "ALIEN NOT SUBJECT TO DEPORTATION": Lifted("not_removable", "withdrawn", "not_removable"),
    "USC OR PRESUMPTIVE CLAIM TO US CITIZENSHIP": Lifted("citizen", "withdrawn", "citizen"),
    "UNITED STATES CITIZEN INTERVIEWED": Lifted("citizen", "withdrawn", "citizen"),
    "SUPERSEDING - NEW FORM ISSUED": Lifted("superseded", "superseded"),
    "SUPERSEDED BY NEW DETAINER": Lifted("superseded", "superseded"),
    "DUPLICATE": Lifted("duplicate", "duplicate"),
    "TRANSFERRED": Lifted("moved", "passed_on"),
    "DIED": Lifted("died", "died"),
}

# Apprehension methods that say where the person was. `Probation and Parole` and the rest say neither.
AT_LARGE: Final = frozenset(
    {
        "LOCATED",
        "NON-CUSTODIAL ARREST",
        "WORKSITE ENFORCEMENT",
        "OTHER EFFORTS",
        "OTHER TASK FORCE",
        "ORGANIZED CRIME DRUG ENFORCEMENT TASK FORCE",
        "PATROL INTERIOR",
    }
)
IN_CUSTODY: Final = frozenset(
    {
        "CAP LOCAL INCARCERATION",
        "CAP STATE INCARCERATION",
        "CAP FEDERAL INCARCERATION",
        "CRIMINAL ALIEN PROGRAM",
        "287(G) PROGRAM",
        "CUSTODIAL ARREST",
    }
)

# Outcomes that say that the requester did not get the person: a book-in right after speaks against them.
NOT_TAKEN: Final[tuple[OutcomeValue, ...]] = ("declined", "released", "withdrawn", "died")
# Outcomes that an arrest at large bears out: the person had left custody, and not into the requester's.
LET_GO: Final[tuple[OutcomeValue, ...]] = ("declined", "released")

BLANKS: Final = "\t\r\n\u00a0"  # what else than a blank stands between words
PASSES: Final = 4  # each makes one of two blanks: 16 in a row become one


def folded(text: str | None) -> str | None:
    """Return a published word as the tables here have it: upper case, single blanks, no outer ones; None if nothing is left."""
    if text is None:
        return None
    plain = text.upper().translate(dict.fromkeys(map(ord, BLANKS), " "))
    for _ in range(PASSES):
        plain = plain.replace("  ", " ")
    return plain.strip(" ") or None


class Links(NamedTuple):
    """What the other rows of the same person id in the same release show. Days from the detainer's day; None is not known.

    `arrest_days`, `book_in_days`: to the first on or after it; the `before` ones: back to the nearest before it.
    `arrest_custody`: where the arrest of `arrest_days` was. `elsewhere_days`: to the next detainer at another facility;
    `next_days`: to the next detainer at all. `copy`: another row of the same id, day and facility stands for this one.
    """

    arrest_days: int | None = None
    arrest_before_days: int | None = None
    arrest_custody: Custody | None = None
    book_in_days: int | None = None
    book_in_before_days: int | None = None
    elsewhere_days: int | None = None
    next_days: int | None = None
    copy: bool = False


class Published(NamedTuple):
    """The outcome of one published detainer. `why` is the short code of the rule that gave it (RULES says each in words)."""

    lift_class: str
    outcome: OutcomeValue
    reason: str | None
    evidence: Evidence
    why: str


RULES: Final[dict[str, str]] = {
    "copy": "another row has the same person id, day and facility, and stands for both",
    "lift_reason": "the lift reason says so",
    "unlisted": "the lift reason is in no table that we know",
    "later_detainer": "no lift reason; what followed came after a later detainer at another facility, and is put to that one",
    "arrested_at_large": "no lift reason; the first arrest after it was at large, so the person had left custody otherwise",
    "book_in": "no lift reason; a book-in into ICE detention followed within the window",
    "custodial_arrest": "no lift reason and no book-in; an ICE arrest out of custody followed within the window",
    "blank": "no lift reason, and nothing that decides followed within the window",
}


def of_published(lift_reason: str | None, links: Links, windows: Windows) -> Published:
    """Return how a published detainer ended, on what evidence, and by which of RULES.

    A lift reason counts as said, even when the links speak against it (`contradicted`): they join by id and day alone, and the
    reason is the requester's own word. A blank reason is `unknown` unless the links decide; it is never `declined`.
    """
    said = folded(lift_reason)
    lifted = LIFTED.get(said) if said else None
    if links.copy:
        lift_class = lifted.lift_class if lifted else "unlisted" if said else "blank"
        return Published(lift_class, "duplicate", None, "both" if lift_class == "duplicate" else "linked", "copy")
    if lifted:
        return Published(*lifted, _borne_out(lifted.outcome, links, windows), "lift_reason")
    if said:
        return Published("unlisted", "unknown", None, "none", "unlisted")
    return _blank(links, windows)


def _blank(links: Links, windows: Windows) -> Published:
    booked = _within(_own(links.book_in_days, links), windows.hand_over)
    arrested = _within(_own(links.arrest_days, links), windows.hand_over)
    if arrested and _at_large_first(links):
        return Published("blank", "released", "at_large", "linked", "arrested_at_large")
    if booked:
        return Published("blank", "handed_over", None, "linked", "book_in")
    if arrested and links.arrest_custody == "in_custody":
        return Published("blank", "handed_over", None, "linked", "custodial_arrest")
    of_another = _within(links.book_in_days, windows.hand_over) or _within(links.arrest_days, windows.hand_over)
    followed_elsewhere = of_another and links.elsewhere_days is not None and not booked and not arrested
    return Published("blank", "unknown", None, "none", "later_detainer" if followed_elsewhere else "blank")


def _borne_out(outcome: OutcomeValue, links: Links, windows: Windows) -> Evidence:
    """Return whether the links bear a stated outcome out (`both`), speak against it (`contradicted`), or neither (`stated`)."""
    book_in, arrest = _own(links.book_in_days, links), _own(links.arrest_days, links)
    at_large = arrest is not None and _at_large_first(links)
    in_custody = arrest is not None and links.arrest_custody == "in_custody"
    came = book_in is not None or links.book_in_before_days is not None or in_custody
    against = {
        "handed_over": at_large and links.book_in_before_days is None,
        **dict.fromkeys(NOT_TAKEN, _within(book_in, windows.contradicts) and not at_large),
    }
    bears_out = {
        "handed_over": came,
        **dict.fromkeys(LET_GO, at_large and _within(arrest, windows.hand_over)),
        "passed_on": links.elsewhere_days is not None,
        "superseded": links.next_days is not None,
    }
    return "contradicted" if against.get(outcome) else "both" if bears_out.get(outcome) else "stated"


def _own(days: int | None, links: Links) -> int | None:
    """Return the days to an event unless a later detainer at another facility came first: then the event is put to that one."""
    later = days is not None and links.elsewhere_days is not None and links.elsewhere_days <= days
    return None if later else days


def _at_large_first(links: Links) -> bool:
    """Whether the first arrest was at large and no book-in came on an earlier day."""
    before = links.book_in_days is not None and links.arrest_days is not None and links.book_in_days < links.arrest_days
    return links.arrest_custody == "at_large" and not before


def _within(days: int | None, most: int) -> bool:
    return days is not None and days <= most
