"""The findings that only an exchange's own record has: what became of each ask, and how long delivery and answers took."""

from detainer.outcomes.counting.of_record import OF_RECORD
from detainer.outcomes.report import charts
from detainer.outcomes.report.built import Built, count_and_share, number
from detainer.outcomes.report.figures import Figure, Section, absent, any_of, bars, breakdown, unknown


def record(built: Built) -> Section:
    """Return a figure for each measure of the record that has cases."""
    title = "Asked, delivered, decided, held"
    figures = tuple(figure for name in OF_RECORD if (figure := _figure(built, name)) is not None)
    if not figures:
        return absent("record", title, "No request of this record has been delivered, decided or held.")
    limits = tuple(dict.fromkeys(limit for measure in OF_RECORD.values() for limit in measure.limits))
    return Section("record", title, (), figures, limits=limits)


def _figure(built: Built, name: str) -> Figure | None:
    parts, measure = built.whole(name), OF_RECORD[name]
    if not parts or any_of(parts)["denominator"] == 0:
        return None
    row = any_of(parts)
    drawn = [
        *(charts.Bar(says, parts[part]["numerator"], count_and_share(parts[part])) for part, says in measure.parts.items()),
        unknown("not known, or open still", row["unknown"], row["open"]),
    ]
    note = f"Of {number(row['denominator'])}: {measure.denominator}. Not known: {measure.unknown}. Open: {measure.open}."
    drawing = bars(name.replace("_", "-"), measure.title, drawn)
    return Figure(name, measure.title, note, drawing, (breakdown(name, parts, measure.parts),), (name,))
