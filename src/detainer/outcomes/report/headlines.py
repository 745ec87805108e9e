"""The headline numbers of the report, each in a sentence with its numerator, its denominator and what is not known."""

from collections.abc import Callable
from typing import Final, NamedTuple

from detainer.outcomes.report.built import Built, Row, between, cases, number, percent, total


class Fact(NamedTuple):
    """A headline number, the sentence that it begins, and the measure that it is of."""

    big: str
    says: str
    measure: str


def facts(built: Built) -> list[Fact]:
    """Return the headline numbers that the build has and that are not withheld."""
    found = [
        Fact(_big(row), says(row), measure)
        for measure, part, says in _SENTENCES
        if (row := built.whole(measure).get(part)) is not None and row["numerator"] is not None and row["denominator"]
    ]
    unknown = _not_known(built)
    return [*found[:1], *unknown, *found[1:]]


def _big(row: Row) -> str:
    """Return the share, or the number where the share is too small to say anything."""
    return number(row["numerator"]) if 0 < row["numerator"] < 0.01 * row["denominator"] else percent(row["share"])


def _not_known(built: Built) -> list[Fact]:
    row = built.whole("outcome_mix").get("handed_over")
    if row is None or not cases(row):
        return []
    without = total(row["unknown"], row["open"])
    if without is None:
        return []
    says = (
        f"of all {number(cases(row))} detainers have no known end: for {number(row['unknown'])} none is stated and none can be "
        f"read from what followed, and {number(row['open'])} may be open still. No end is not a decline."
    )
    return [Fact(percent(without / (cases(row) or 1)), says, "outcome_mix")]


def _handed_over(row: Row) -> str:
    rest = number(total(row["unknown"], row["open"]))
    return (
        f"of the {number(row['denominator'])} detainers whose end is known ended with the person handed over to the requester: "
        f"{number(row['numerator'])}. If none, or all, of the {rest} others did, it is {between(row)} of all."
    )


def _declined(row: Row) -> str:
    return (
        f"of the {number(row['denominator'])} whose end is known were declined by the custodian, as the requester recorded it: "
        f"{number(row['numerator'])}; of all, {between(row)}. Agencies seldom tell it, so these are the declines that "
        "it learned of."
    )


def _followed(row: Row) -> str:
    return (
        f"of the {number(row['denominator'])} declined detainers that can be followed for 90 days were followed by an ICE arrest "
        f"of the person within them: {number(row['numerator'])}. For {number(row['unknown'])} more nobody can tell, and "
        f"{number(row['open'])} are too recent."
    )


def _forbidden(row: Row) -> str:
    return (
        f"of the {number(row['denominator'])} declined detainers for which the law gives an answer were where it forbade the "
        f"hold and allowed, or required, the notice: {number(row['numerator'])}. It is taken that an administrative warrant "
        f"came with each, as ICE's policy requires since 2017; for {number(row['unknown'])} more the law turns on what is not "
        "published."
    )


def _withdrawn(because: str) -> Callable[[Row], str]:
    def says(row: Row) -> str:
        number_first = 0 < row["numerator"] < 0.01 * row["denominator"]
        share = f"{percent(row['share'])} of the {number(row['denominator'])} whose end is known"
        first = "detainers were" if number_first else f"of the {number(row['denominator'])} whose end is known were"
        last = share if number_first else number(row["numerator"])
        return f"{first} withdrawn because {because}: {last}. The end of {number(row['unknown'])} is not known."

    return says


_SENTENCES: Final[tuple[tuple[str, str, Callable[[Row], str]], ...]] = (
    ("outcome_mix", "handed_over", _handed_over),
    ("outcome_mix", "declined", _declined),
    ("followed_90", "arrested", _followed),
    ("declined_law_assumed", "forbidden_allowed", _forbidden),
    ("citizens", "citizen", _withdrawn("the person is a United States citizen, or claims it with evidence")),
    ("no_means", "could_not_come", _withdrawn("the requester itself had not the means or the space to take the person")),
)
