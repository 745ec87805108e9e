"""The findings of why: withdrawn for which reason, and what the law of the place said beside the outcome."""

from collections.abc import Mapping, Sequence
from typing import Final

from detainer.outcomes.counting.measures import LAW, MEASURES, WITHDRAWN
from detainer.outcomes.counting.of_record import MEASURES_OF
from detainer.outcomes.manifest import Source
from detainer.outcomes.report import charts
from detainer.outcomes.report.built import Built, Row, cases, count_and_share, number
from detainer.outcomes.report.figures import (
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

ANSWERS: Final[dict[str | None, str]] = {
    "must": "must",
    "may": "may",
    "must_not": "must not",
    "needs_facts": "turns on facts that are not published",
    "conflict": "laws conflict",
    "ask_counsel": "for counsel",
    None: "day or place not known",
}


def withdrawn(built: Built, source: Source = "published") -> Section:
    """Return why detainers were withdrawn; citizens, and the requester that could not come, stand out."""
    title = "Withdrawn: citizens, and where the requester could not come"
    parts = built.whole("withdrawn")
    if not parts:
        return absent("withdrawn", title, "No detainer of this build was withdrawn.")
    row = any_of(parts)
    strong = ("citizen", "could_not_come")
    drawn = [
        charts.Bar(WITHDRAWN[name], part["numerator"], count_and_share(part), "strong" if name in strong else "plain")
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
    return Section("withdrawn", title, (), (figure,), limits=MEASURES_OF[source]["withdrawn"].limits)


def law(built: Built) -> Section:
    """Return the law beside the outcome: what it said of the hold and of the notice, where detainers were declined and in all."""
    title = "The law beside the outcome"
    known, assumed = built.whole("declined_law"), built.whole("declined_law_assumed")
    if not known:
        return absent("law", title, "No detainer of this build was declined.")
    figures = (
        *([_declined("declined_law_assumed", assumed, "if each detainer came with its warrant", ())] if assumed else []),
        _declined("declined_law", known, "by the published facts alone", _beside(built)),
    )
    parts = (
        "A detainer asks for more than one thing: to be told before the person is let go, and to have the person held. A law may "
        "forbid the one and allow, or require, the other. To refuse all of it is then lawful in part, and to obey all of it too. "
        "Which part was refused is not published."
    )
    twice = (
        "Many laws turn on whether a warrant came with the detainer, which is not published. So the law is asked twice: "
        "with what is published alone; and with what ICE's own policy has required since 2 April 2017 taken to have been "
        "done, an administrative warrant with each detainer. The second answer is an assumption, and named as one."
    )
    says = (parts, twice) if assumed else (parts,)
    return Section("law", title, says, figures, limits=MEASURES["declined_law_assumed"].limits)


def law_of_record(built: Built) -> Section:
    """Return the law beside the outcome in an exchange's record, where no request ends as a bare decline."""
    title = "The law beside the outcome"
    tables = tuple(_beside(built))
    if not tables:
        return absent("law", title, "No request of this record has an answer of the law beside it.")
    says = "How requests ended, by what the law of the place said on the request's day: of the hold, and of the notice."
    return Section("law", title, (says,), tables=tables, files=("outcome_mix_by_law_hold_law_notify",))


def _declined(name: str, parts: Mapping[str, Row], how: str, more: Sequence[Table]) -> Figure:
    row, strong = any_of(parts), "forbidden_allowed"
    drawn = [
        charts.Bar(says, parts[part]["numerator"], count_and_share(parts[part]), "strong" if part == strong else "plain")
        for part, says in LAW.items()
    ]
    drawn.append(unknown("turns on what is not published", row["unknown"]))
    of = "" if row["denominator"] is None else f" of {number(row['denominator'])}"
    heading = f"Declined where the law forbids the hold but allows the notice, {how}: {number(parts[strong]['numerator'])}{of}"
    note = "Declined detainers by what the law of the place said, on the detainer's day. Allowed: may or must."
    files = (name, *(["outcome_mix_by_law_hold_law_notify"] if more else []))
    return Figure(name, heading, note, bars(name.replace("_", "-"), heading, drawn), (breakdown(name, parts, LAW), *more), files)


def _beside(built: Built) -> list[Table]:
    found: dict[tuple[str | None, str | None], dict[str, Row]] = built.parts("outcome_mix", "law_hold", "law_notify")
    order = list(ANSWERS)
    rows = [
        (ANSWERS[hold], ANSWERS[notify], *ends(found[hold, notify]))
        for hold, notify in sorted(found, key=lambda each: [order.index(answer) for answer in each])
    ]
    caption = "How detainers ended, by what the law said of the hold and of the notice"
    return [Table(caption, ("Hold", "Notice", *PLACE_COLUMNS), tuple(rows), words=2)] if rows else []
