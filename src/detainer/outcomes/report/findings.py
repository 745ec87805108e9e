"""The findings of the report, section by section: how detainers ended, when, where, and on what evidence."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from detainer.law.gazetteer import STATES
from detainer.law.gazetteer import name_of as place_name
from detainer.outcomes.counting.measures import EVIDENCE, MIX
from detainer.outcomes.counting.of_record import MEASURES_OF
from detainer.outcomes.counting.spans import STRAY
from detainer.outcomes.manifest import Source
from detainer.outcomes.publishing.ranking import FEWEST
from detainer.outcomes.publishing.writing import name_of
from detainer.outcomes.report import charts
from detainer.outcomes.report.after import after, custody
from detainer.outcomes.report.built import Built, Row, cases, count_and_share, number, percent, total
from detainer.outcomes.report.figures import (
    PLACE_COLUMNS,
    RELEASED,
    Figure,
    Section,
    Table,
    absent,
    any_of,
    bars,
    breakdown,
    ends,
    enough,
    largest_first,
    unknown,
)
from detainer.outcomes.report.record import record
from detainer.outcomes.report.why import law, law_of_record, withdrawn

MOST_MONTHS: Final = 42  # a longer time is drawn by year
MOST_GAPS: Final = 20  # one number in so many may be withheld; else the time is drawn by year
FEW_STATES: Final = 3  # with so few the counties are drawn too
MOST_COUNTIES: Final = 70
_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "handed over": ("handed_over",),
    "declined": ("declined",),
    "released": RELEASED,
    "withdrawn": ("withdrawn",),
}
_SERIES: Final = (*_GROUPS, "ended otherwise", "not known, or may be open")


_COUNTED: Final[dict[Source, str]] = {
    "published": "; rows that are copies of another are left out. An end is what the requester wrote down, or what its own later "
    "arrests and book-ins show where it wrote nothing.",
    "exchange": ". An end is what the agencies recorded, each in its own name.",
}


def _mix(built: Built, source: Source) -> Section:
    title = "How detainers ended"
    parts = built.whole("outcome_mix")
    if not parts:
        return absent("mix", title, "This build has no detainer that can be counted.")
    row = any_of(parts)
    drawn = [charts.Bar(MIX[name], part["numerator"], count_and_share(part)) for name, part in largest_first(parts)]
    drawn += [unknown("not known", row["unknown"]), unknown("may be open still", row["open"])]
    figure = Figure(
        "mix",
        "How many ended in which way"
        if parts["handed_over"]["share"] is None
        else f"{count_and_share(parts['handed_over'])} of the {number(row['denominator'])} known ends are hand-overs",
        "Number of detainers, and share of those whose end is known. Hatched: the end is not known, so it has no share.",
        bars("mix", title, drawn),
        (breakdown("outcome_mix", parts, MIX),),
        ("outcome_mix",),
    )
    counted = f"{number(cases(row))} detainers are counted" + _COUNTED[source]
    never = "; ".join(MIX[name] for name in MIX if name in parts and parts[name]["numerator"] == 0)
    says = (counted, f"No detainer of this build has one of these ends: {never}.") if never else (counted,)
    return Section("mix", title, says, (figure,), limits=MEASURES_OF[source]["outcome_mix"].limits)


def _time(built: Built) -> Section:
    months, years = built.parts("outcome_mix", "month"), built.parts("outcome_mix", "year")
    parts, by = (months, "month") if _by_month(months) or not years else (years, "year")
    title = f"{by.capitalize()} by {by}"
    kept = periods(parts)
    if not kept:
        return absent("time", title, f"No detainer of this build has a readable day, or the numbers of each {by} are withheld.")
    points = [point for period in kept for point in _points(period, parts[period])]
    points.sort(key=lambda point: (_SERIES.index(point.series), point.period))
    alternative = f"Share of the detainers of each {by}, by how they ended. The numbers are in the table below."
    rows = tuple((period, number(cases(any_of(parts[period]))), *_shares(period, parts[period])) for period in kept)
    table = Table(
        f"Share of all detainers of each {by}",
        (by.capitalize(), "Detainers", *(name.capitalize() for name in _SERIES)),
        rows,
    )
    figure = Figure(
        "time",
        f"How detainers ended, by the {by} in which they were prepared",
        f"Share of all detainers of the {by}, all on one scale. The last ones are young, so more of them may be open still. "
        "Where one panel falls and the hatched one rises, it may be the writing down that changed, and not what happened.",
        charts.over_time("time", alternative, points),
        (table,),
        (name_of("outcome_mix", [by]),),
    )
    stray = len([period for period in parts if period is not None]) - len(kept)
    unseen = [name for name in _SERIES if all(point.share is None for point in points if point.series == name)]
    strays = f"{stray} {by}{'' if stray == 1 else 's'}"
    notes = {
        f"Not drawn: {strays} of next to no rows, most likely of mistyped days, or withheld.": stray,
        "A gap in a panel is a number that is withheld, not a zero.": any(point.share is None for point in points),
        f"Withheld in every {by}, so without a panel: {', '.join(unseen)}.": unseen,
    }
    return Section("time", title, tuple(note for note, is_so in notes.items() if is_so), (figure,))


def _by_month(months: Mapping[str | None, Mapping[str, Row]]) -> bool:
    """Return whether the months can be read: not too many of them, and few of their numbers withheld."""
    kept = periods(months)
    points = [point for month in kept for point in _points(month, months[month])]
    return 0 < len(kept) <= MOST_MONTHS and sum(point.share is None for point in points) * MOST_GAPS <= len(points)


def periods(parts: Mapping[str | None, Mapping[str, Row]]) -> list[str]:
    """Return the months or years in order, without those that hold fewer than one in STRAY of the rows: mistyped days."""
    sizes = {period: _told_of(row) for period, row in parts.items() if period is not None}
    return sorted(period for period, size in sizes.items() if size * STRAY >= sum(sizes.values()))


def _told_of(parts: Mapping[str, Row]) -> int:
    """Return how many cases there are at least, by the numbers that are not withheld."""
    row, counted = any_of(parts), sum(part["numerator"] or 0 for part in parts.values())
    return max(row["denominator"] or 0, counted) + (row["unknown"] or 0) + (row["open"] or 0)


def _points(period: str, parts: Mapping[str, Row]) -> list[charts.Point]:
    row = any_of(parts)
    grouped = [total(*(parts[name]["numerator"] for name in members if name in parts)) for members in _GROUPS.values()]
    known, without = total(*grouped), total(row["unknown"], row["open"])
    rest = None if known is None or row["denominator"] is None else row["denominator"] - known
    size = cases(row)
    shares = [None if count is None or not size else count / size for count in (*grouped, rest, without)]
    return [
        charts.Point(name, period, share, "unknown" if name == _SERIES[-1] else "plain")
        for name, share in zip(_SERIES, shares, strict=True)
    ]


def _shares(period: str, parts: Mapping[str, Row]) -> list[str]:
    return [percent(point.share) for point in _points(period, parts)]


def _places(built: Built) -> Section:
    title = "State by state"
    states = built.parts("outcome_mix", "state")
    if not states:
        return absent("places", title, "This build has no detainer that can be counted.")
    figures = [_of_places("state", states, state)]
    counties = built.parts("outcome_mix", "county")
    few = sum(enough(parts) for parts in states.values()) <= FEW_STATES
    if few and 0 < sum(enough(parts) for place, parts in counties.items() if place) <= MOST_COUNTIES:
        figures.append(_of_places("county", counties, county))
    no_map = (
        "There is no map here and no ranking. A place without a recorded decline may be one where nobody wrote any down: a map "
        "would show how declines were recorded, and not what was done. The grey bars show how far the cases that are not known "
        "leave it open."
    )
    few_cases = (
        f"Places with fewer than {FEWEST} known ends have their counts, no share, and no place in the chart. Each facility's "
        "numbers are in the file measures/outcome_mix_by_facility.csv, by code."
    )
    return Section("places", title, (no_map, few_cases), tuple(figures))


_KINDS: Final = {"detainer_type": "form", "office": "office that prepared it", "criminality": "criminality, as ICE has it"}
MOST_OF_A_KIND: Final = 60  # rows: of more the files have them all


def _kinds(built: Built) -> Section:
    """Return how detainers ended by form, office and criminality: of each that the data have, with two that have cases enough."""
    title = "By form, office and criminality"
    figures = []
    for by, says in _KINDS.items():
        parts = built.parts("outcome_mix", by)
        if sum(enough(of) for kind, of in parts.items() if kind is not None) > 1 and len(parts) <= MOST_OF_A_KIND:
            figures.append(_of_places(by, parts, lambda kind: kind or "not known", says))
    if not figures:
        return absent(
            "kinds", title, "The data have no two forms, offices or classes of criminality with cases enough to compare."
        )
    return Section("kinds", title, (), tuple(figures))


def _of_places(
    by: str, parts: Mapping[str | None, Mapping[str, Row]], called: Callable[[str | None], str], says: str = ""
) -> Figure:
    says = says or by
    order = sorted(parts, key=lambda place: (place is None, not enough(parts[place]), called(place)))
    drawn = [_span(called(place), parts[place]["declined"]) for place in order if place is not None and enough(parts[place])]
    spans = [span for span in drawn if span is not None]
    alternative = f"Declined as a share of the known ends in each {says}, with its bounds. The numbers are in the table below."
    rows = tuple((called(place), *ends(parts[place])) for place in order)
    return Figure(
        by,
        f"Declined, as recorded, in each {says}: the share of known ends, and what the unknown leaves open",
        "Dot: share of the known ends. Grey bar: share of all detainers if none, or all, of those not known were declined. In "
        "the order of names.",
        charts.spans(by, alternative, spans) if spans else "",
        (Table(f"How detainers ended in each {says}", (says.capitalize(), *PLACE_COLUMNS), rows),),
        (name_of("outcome_mix", [by]),),
    )


def _span(label: str, row: Row) -> charts.Span | None:
    if row["share"] is None or row["low"] is None or row["high"] is None:
        return None
    says = f"{number(row['numerator'])} of {number(row['denominator'])}"
    return charts.Span(label, row["share"], row["low"], row["high"], says)


def state(code: str | None) -> str:
    """Return a state by its name; what is no postal code as it is."""
    return STATES.get(code.lower(), code) if code else "state not known"


def county(named: str | None) -> str:
    """Return a county as a reader would write it: `us/pa/bucks_county, PA` is Bucks County, PA."""
    path, _, code = (named or "").partition(", ")
    if not path:
        return "county not known"
    return ", ".join(part for part in (place_name(path) if "/" in path else path, code) if part)


def _evidence(built: Built) -> Section:
    title = "On what evidence"
    parts = built.whole("evidence")
    if not parts:
        return absent("evidence", title, "This build has no detainer that can be counted.")
    row = any_of(parts)
    drawn: Sequence[charts.Bar] = [
        *(charts.Bar(says, parts[name]["numerator"], count_and_share(parts[name])) for name, says in EVIDENCE.items()),
        unknown("not known, or may be open", row["unknown"], row["open"]),
    ]
    figure = Figure(
        "evidence",
        f"{count_and_share(parts['both'])} of the known ends are stated, and borne out by what followed"
        if parts["both"]["share"]
        else "The known ends, by the evidence for them",
        "Stated: the requester's lift reason. What followed: its own later arrest or book-in of the same person id, in the same "
        "release.",
        bars("evidence", title, drawn),
        (breakdown("evidence", parts, EVIDENCE),),
        ("evidence",),
    )
    return Section("evidence", title, (), (figure,))


def _evidence_of_record(built: Built) -> Section:
    title = "On whose word"
    parts, titles = built.whole("evidence"), MEASURES_OF["exchange"]["evidence"].parts
    if not parts:
        return absent("evidence", title, "This build has no detainer that can be counted.")
    row = any_of(parts)
    drawn = [charts.Bar(says, parts[name]["numerator"], count_and_share(parts[name])) for name, says in titles.items()]
    drawn.append(unknown("not known, or may be open", row["unknown"], row["open"]))
    note = "How many ends are recorded by the agency that brought them about, and how many by another one only."
    table = breakdown("evidence", parts, titles)
    return Section(
        "evidence", title, (), (Figure("evidence", title, note, bars("evidence", title, drawn), (table,), ("evidence",)),)
    )


_OF_PUBLISHED: Final = (partial(_mix, source="published"), _time, _places, _kinds, after, custody, withdrawn, law, _evidence)
_OF_RECORD: Final = (
    *(partial(_mix, source="exchange"), record, _time, _places, custody, partial(withdrawn, source="exchange")),
    *(law_of_record, _evidence_of_record),
)


def sections(built: Built, source: Source = "published") -> list[Section]:
    """Return every section of findings of a build from published tables, or from an exchange's record; without data too."""
    return [finding(built) for finding in (_OF_PUBLISHED if source == "published" else _OF_RECORD)]
