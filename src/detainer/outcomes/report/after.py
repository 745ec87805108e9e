"""The findings of what followed: later arrests of the declined, and how soon the requester had the person."""

from collections.abc import Mapping, Sequence
from typing import Final

from detainer.outcomes.counting.following import LAGS, LYNN, LYNN_CLASS, WINDOWS
from detainer.outcomes.counting.incidence import CURVES
from detainer.outcomes.counting.measures import MEASURES
from detainer.outcomes.report import charts
from detainer.outcomes.report.built import Built, Row, between, number, percent
from detainer.outcomes.report.figures import Figure, Section, Table, absent, any_of, bars, breakdown, told

LONGEST: Final = 400  # days: how far a curve is drawn
_DAYS: Final = (0, 2, 7, 14, 30, 59, 90, 180, 365)  # at which the table of a curve tells it
_WITHIN: Final = {f"followed_{days}": f"arrested within {days} days" for days in WINDOWS} | {
    "followed_ever": "arrested at any time since"
}
_NOT_JOINED: Final = "Not known: no {} of the same release were given to this build, or none could be joined."
_TO: Final = {
    "lag_book_in": "to the book-in into ICE detention",
    "lag_arrest": "to the ICE arrest",
    "lag_declined_arrest": "to the later ICE arrest, of those declined",
    "lag_hand_over": "to the hand-over",
}


def after(built: Built) -> Section:
    """Return what followed a decline."""
    title = "Declined, and what followed"
    rows = {name: row for name in _WITHIN if (row := built.whole(name).get("arrested")) is not None}
    if not any(row["denominator"] != 0 for row in rows.values()):  # None: known, and withheld
        return absent("after", title, _NOT_JOINED.format("arrests"))
    marks = ((LYNN, f"{LYNN} days: the Lynn case"), (180, "180 days"))
    figures = (_windows(rows), *_lags(built), *_curve(built, "declined_arrest", marks))
    named = ("followed_90", "lynn", "lag_declined_arrest")
    limits = tuple(dict.fromkeys(limit.replace("`", "") for name in named for limit in MEASURES[name].limits))
    says = (
        "What can be seen is whether an ICE arrest of the same person id followed, in the same release. What others did after a "
        "decline, and why somebody was arrested, is not in the data."
    )
    return Section("after", title, (says,), figures, limits=limits)


def _windows(rows: Mapping[str, Row]) -> Figure:
    drawn = [charts.Bar(_WITHIN[name], row["share"], _of(row)) for name, row in rows.items()]
    table = Table(
        "Declined detainers followed by an ICE arrest",
        ("", "Arrested", "Followed so long", "Share", "Of all, if none or all of the rest", "Not known", "Too recent"),
        tuple(
            (
                _WITHIN[name],
                number(row["numerator"]),
                number(row["denominator"]),
                percent(row["share"]),
                between(row),
                number(row["unknown"]),
                number(row["open"]),
            )
            for name, row in rows.items()
        ),
    )
    return Figure(
        "windows",
        "How often an ICE arrest followed a decline",
        "Each share is of the declined detainers that their release follows for so long. The last one follows old detainers "
        "longer than young ones.",
        bars("windows", "Arrested by ICE after a decline", drawn),
        (table,),
        tuple(rows),
    )


def _of(row: Row) -> str:
    if row["share"] is None:
        return number(row["numerator"])
    return f"{percent(row['share'])}: {number(row['numerator'])} of {number(row['denominator'])}"


def _lags(built: Built) -> list[Figure]:
    parts, lynn = built.whole("lag_declined_arrest"), built.whole("lynn")
    if not parts or any_of(parts)["denominator"] == 0:
        return []
    order = [(name, parts[name]) for name in LAGS if name in parts]
    drawn = [charts.Bar(_class(name), row["numerator"], _part(row), _tone(name)) for name, row in order]
    cases = any_of(parts)["denominator"]
    of = "Number of the" if cases is None else f"Share of the {number(cases)}"
    within = lynn["within"]["share"] if lynn else None
    mark = f"{LYNN} days: the Lynn case"
    return [
        Figure(
            "lags",
            f"{percent(within)} of the later arrests came within {LYNN_CLASS} days, as in the Lynn case after {LYNN}"
            if within is not None
            else f"Where the {LYNN} days of the Lynn case lie",
            f"{of} declined detainers with a later arrest, by days "
            "from the detainer. The classes are not of one width. In the Lynn case (Massachusetts, 2024) the arrest came "
            f"{LYNN} days after the arraignment, by the requester's account.",
            charts.lags("lags", told("Days from a declined detainer to the later arrest", drawn), drawn, mark)
            if any(bar.value is not None for bar in drawn)
            else "",
            (
                breakdown("lag_declined_arrest", parts, MEASURES["lag_declined_arrest"].parts),
                *((breakdown("lynn", lynn, MEASURES["lynn"].parts),) if lynn else ()),
            ),
            ("lag_declined_arrest", *(("lynn",) if lynn else ())),
        )
    ]


def _part(row: Row) -> str:
    """Return the share of a part, or its number where the share is withheld."""
    return number(row["numerator"]) if row["share"] is None else percent(row["share"])


def _class(name: str) -> str:
    least, most, _title = LAGS[name]
    return f"{least}" if least == most else f"{least}+" if name == list(LAGS)[-1] else f"{least}\u2013{most}"


def _tone(name: str) -> charts.Tone:
    least, most, _title = LAGS[name]
    return "strong" if least <= LYNN <= most else "plain"


def custody(built: Built) -> Section:
    """Return how soon the requester had the person: by the book-in, and in an exchange's record by the hand-over."""
    title = "How soon the requester had the person"
    ours = bool(built.rows("incidence_hand_over") or built.rows("quantiles_lag_hand_over"))
    marks = ((2, "2 days"), (30, "30 days"), (90, "90 days"), (365, "a year"))
    figures = _curve(built, "hand_over" if ours else "custody", marks)
    found = [(says, row) for name, says in _TO.items() for row in built.rows(f"quantiles_{name}")]
    if not figures and not found:
        return absent("custody", title, _NOT_JOINED.format("book-ins"))
    quantiles = ("p10", "p25", "p50", "p75", "p90")
    table = Table(
        "Days, of those for whom the event was found",
        ("Days from the detainer", "Cases", "10% within", "25% within", "Half within", "75% within", "90% within"),
        tuple((says, number(row["cases"]), *(number(row[name]) for name in quantiles)) for says, row in found),
    )
    limits = (
        ()
        if ours
        else (
            "A detainer has a day and no hour: whether anybody was held for 48 hours, or past them, cannot be computed.",
            "A detainer may precede custody by years, where a sentence is served first. A rate within one month says little.",
        )
    )
    files = tuple(f"quantiles_{name}" for name in _TO if built.rows(f"quantiles_{name}"))
    return Section("custody", title, (), tuple(figures), (table,) if found else (), limits, files=files)


def _curve(built: Built, name: str, marks: Sequence[tuple[int, str]]) -> list[Figure]:
    rows = [row for row in built.rows(f"incidence_{name}") if row["incidence"] is not None]
    if not rows or not rows[0]["cases"]:
        return []
    curve = CURVES[name]
    drawn = [_step(row) for row in rows if row["day"] <= LONGEST]
    reached = {day: row for day in _DAYS if (row := _last(rows, day)) is not None}
    table = Table(
        curve.title,
        ("By day", "Reached", "Standard error", "If none or all of the unknown", "Cases at risk then"),
        tuple(
            (str(day), percent(row["incidence"]), _error(row), between(row), number(row["at_risk"]))
            for day, row in reached.items()
        ),
    )
    note = (
        f"Cumulative incidence (Aalen-Johansen), of {number(rows[0]['cases'])} cases. The event: {curve.event}. The grey band is "
        f"what the {number(rows[0]['unknown'])} cases that are not known leave open."
    )
    method = Table(
        "How the curve is counted",
        (),
        (
            ("Of", curve.denominator),
            ("Other ends", curve.others),
            ("Not known", curve.unknown),
            ("Not yet", curve.open),
            *(("Limit", limit) for limit in curve.limits),
        ),
        words=2,
    )
    alternative = f"{curve.title}. The numbers are in the table below."
    drawing = charts.curve(f"curve-{name}", alternative, drawn, "days after the detainer", marks)
    return [Figure(f"curve-{name}", curve.title, note, drawing, (table, method), (f"incidence_{name}",))]


def _step(row: Row) -> charts.Step:
    low, high = (row["incidence"] if row[name] is None else row[name] for name in ("low", "high"))
    return charts.Step(row["day"], row["incidence"], low, high)


def _last(rows: Sequence[Row], day: int) -> Row | None:
    """Return where a curve stands at the end of a day; None after the last day that it tells of."""
    before = [row for row in rows if row["day"] <= day]
    return before[-1] if before and day <= rows[-1]["day"] else None


def _error(row: Row) -> str:
    return "" if row["error"] is None else f"{100 * row['error']:.2f} points"
