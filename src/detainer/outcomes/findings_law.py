"""The findings of why: withdrawn for which reason, and what the law of the place said beside the outcome."""

from typing import Final

from detainer.outcomes import charts
from detainer.outcomes.built import Built, Row, cases, count_and_share, number
from detainer.outcomes.figures import (
    PLACE_COLUMNS,
    Figure,
    Section,
    Table,
    absent,
    any_of,
    bars,
    breakdown,
    ends,
    largest_first,
    unknown,
)
from detainer.outcomes.measures import LAW, MEASURES, WITHDRAWN

ANSWERS: Final[dict[str | None, str]] = {
    "must": "must",
    "may": "may",
    "must_not": "must not",
    "needs_facts": "turns on facts that are not published",
    "conflict": "laws conflict",
    "ask_counsel": "for counsel",
    None: "day or place not known",
}
_CAUSES: Final[dict[str, str]] = {
    "citizen": "a citizen, or a claim with evidence",
    "not_removable": "cannot be removed",
    "discretion": "the requester chose not to pursue",
    "case_closed": "the requester's case was closed",
    "could_not_come": "the requester could not come",
    "judicial_review": "judicial review",
    "in_error": "issued in error",
    "other": "another reason",
}
_LAW: Final[dict[str, str]] = {
    "forbidden_allowed": "hold forbidden, notice allowed",
    "forbidden_forbidden": "hold and notice forbidden",
    "allowed_allowed": "hold and notice allowed",
    "allowed_forbidden": "hold allowed, notice forbidden",
}


def withdrawn(built: Built) -> Section:
    """Return why detainers were withdrawn; citizens, and the requester that could not come, stand out."""
    title = "Withdrawn: citizens, and where the requester could not come"
    parts = built.whole("withdrawn")
    if not parts:
        return absent("withdrawn", title, "No detainer of this build was withdrawn.")
    row = any_of(parts)
    strong = ("citizen", "could_not_come")
    drawn = [
        charts.Bar(_CAUSES[name], part["numerator"], count_and_share(part), "strong" if name in strong else "plain")
        for name, part in largest_first(parts)
    ]
    drawn.append(unknown("no reason stated", row["unknown"]))
    figure = Figure(
        "withdrawn",
        "Why detainers were withdrawn" if cases(row) is None else f"Why {number(cases(row))} detainers were withdrawn",
        "Number, and share of the withdrawn detainers whose reason is stated. Darker: the person is a citizen, or the requester "
        "itself had not the means or the space to come.",
        bars("withdrawn", "Why detainers were withdrawn", drawn),
        (breakdown("withdrawn", parts, WITHDRAWN),),
        ("withdrawn", "citizens", "no_means"),
    )
    return Section("withdrawn", title, (), (figure,), limits=MEASURES["withdrawn"].limits)


def law(built: Built) -> Section:
    """Return the law beside the outcome: what it said of the hold and of the notice, where detainers were declined and in all."""
    title = "The law beside the outcome"
    parts = built.whole("declined_law")
    if not parts:
        return absent("law", title, "No detainer of this build was declined.")
    row = any_of(parts)
    drawn = [
        charts.Bar(
            says, parts[name]["numerator"], count_and_share(parts[name]), "strong" if name == "forbidden_allowed" else "plain"
        )
        for name, says in _LAW.items()
    ]
    drawn.append(unknown("turns on what is not published", row["unknown"]))
    count = number(parts["forbidden_allowed"]["numerator"])
    of = "" if row["denominator"] is None else f" of {number(row['denominator'])}"
    figure = Figure(
        "law",
        f"Declined where the law forbids the hold but allows the notice: {count}{of}",
        "Declined detainers by what the law of the place said, on the detainer's day, to the hold and to the notice. Allowed is "
        "may or must.",
        bars("law", title, drawn),
        (breakdown("declined_law", parts, LAW), *_beside(built)),
        ("declined_law", "outcome_mix_by_law_hold_law_notify"),
    )
    says = (
        "A detainer asks for more than one thing: to be told before the person is let go, and to have the person held. A law may "
        "forbid the one and allow, or require, the other. To refuse all of it is then lawful in part, and to obey all of it too. "
        "Which part was refused is not published."
    )
    return Section("law", title, (says,), (figure,), limits=MEASURES["declined_law"].limits)


def _beside(built: Built) -> list[Table]:
    found: dict[tuple[str | None, str | None], dict[str, Row]] = built.parts("outcome_mix", "law_hold", "law_notify")
    order = list(ANSWERS)
    rows = [
        (ANSWERS[hold], ANSWERS[notify], *ends(found[hold, notify]))
        for hold, notify in sorted(found, key=lambda each: [order.index(answer) for answer in each])
    ]
    caption = "How detainers ended, by what the law said of the hold and of the notice"
    return [Table(caption, ("Hold", "Notice", *PLACE_COLUMNS), tuple(rows), words=2)] if rows else []
