"""What `detainer outcomes` says in a terminal: a build, a measure, a place, two builds compared, line by line."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detainer import outcomes


# Columns without which much is unknown: the outcome, the links with what followed, the place. reading.json names all.
_DEPENDED_ON = ("detainer_lift_reason", "unique_identifier", "detention_facility_code")


def built(out: Path, made: "outcomes.Manifest") -> Iterator[str]:
    """Yield what a build made, and where to go on."""
    tables = ", ".join(f"{count:,} {name}" for name, count in made.counts.items())
    yield f"{out}: {tables}"
    for span in made.releases if made.source == "published" else ():
        linked = [name for name, there in (("arrests", span.arrests), ("book-ins", span.book_ins)) if there]
        yield f"  release {span.name}, to {span.last_day}; linked with {' and '.join(linked) or 'no arrests, no book-ins'}"
    rejected = {name: count for name, count in made.rejected.items() if count}
    yield from (
        f"  {count:,} rows of {name} could not be read: {out / 'rejects' / f'{name}.csv'}" for name, count in rejected.items()
    )
    for table, columns in made.missing.items():
        if lacking := [column for column in _DEPENDED_ON if column in columns]:
            yield f"  no file of {table} has {', '.join(lacking)}: what depends on it is unknown"
    yield from (f"  note: {note}" for note in made.notes)
    reused = [stage.name for stage in made.stages if stage.reused]
    if reused:
        yield f"  taken over from the earlier build: {', '.join(reused)}"
    yield f"  read {out / 'report.html'}; ask `detainer outcomes summary {out} --by state`"


def measure(rows: Sequence[dict[str, Any]], groups: Sequence[str] = ()) -> Iterator[str]:
    """Yield a measure as lines: a head, a line for each group and part that has cases, and what is not known of each group."""
    if not rows:
        yield "no detainer is counted by this, or too few to tell"
        return
    table = [[*groups, "", "count", "share", "if none or all of the unknown were so"]]
    last = None
    shown = {tuple(_said(row[name]) for name in groups) for row in rows if not row["hidden"]}
    whole = {tuple(_said(row[name]) for name in groups) for row in rows} - shown
    for row in rows:
        group = [_said(row[name]) for name in groups]
        if group != last:
            last = group
            rest = f"{_number(row['unknown'])} unknown, {_number(row['open'])} may be open"
            table.append([*group, "cases whose part is known", _number(row["denominator"]), "", rest])
            if tuple(group) in whole:
                table.append([*group, "every part", "withheld", "", ""])
        if row["numerator"] != 0 and tuple(group) not in whole:
            bounds = f"{_percent(row['low'])} to {_percent(row['high']) or 'withheld'}" if row["low"] is not None else ""
            table.append([*group, row["category"].replace("_", " "), _number(row["numerator"]), _percent(row["share"]), bounds])
    yield from _aligned(table)
    if any(row["hidden"] for row in rows):
        yield "withheld: a count too small to publish, or one that would give it away (--threshold 0 shows all)"


def _said(value: object) -> str:
    return "not known" if value is None else str(value)


def _number(value: int | None) -> str:
    return "withheld" if value is None else f"{value:,}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def place(place: Any) -> Iterator[str]:
    """Yield the numbers of a facility or a county."""
    from detainer.outcomes.counting.of_record import EVERY  # noqa: PLC0415

    days = f", {place.first_day} to {place.last_day}" if place.first_day else ""
    yield f"{place.title}: {place.detainers:,} detainer{'' if place.detainers == 1 else 's'}{days}"
    yield from _names(place.names)
    if place.suggested and not place.with_suggested:
        count = sum(place.suggested.values())
        have, them = ("has", "it") if count == 1 else ("have", "them")
        yield f"{count:,} more {have} no known code, and a name that suggests this county: count {them} with --suggested"
        yield from _names(place.suggested)
    if place.with_suggested:
        yield "The county of those without a known code is suggested by the facility's name alone; a name is no address."
    if not place.detainers:
        return
    if place.few:
        yield f"What became of fewer than {place.threshold} is withheld (--threshold 0 shows all)"
        return
    for name, rows in place.measures.items():
        yield ""
        yield EVERY[name].title
        yield from measure(rows)


def _names(names: dict[str, int]) -> Iterator[str]:
    shown = list(names.items())
    yield from (f"  {count:,} {name}" for name, count in shown[:8])
    if len(shown) > 8:
        yield f"  {sum(count for _name, count in shown[8:]):,} under {len(shown) - 8} other names"


def compared(found: "outcomes.Comparison") -> Iterator[str]:
    """Yield what a later release rewrote."""
    for side in (found.before, found.after):
        yield f"{side.folder} ({', '.join(map(_said, side.releases))}): {side.rows:,} detainers, {side.copies:,} of them copies"
    how = "the person's identifier, day and facility" if found.matched_by == "identifier" else ", ".join(found.columns)
    yield f"matched by {how}: {found.matched:,}"
    for side in (found.before, found.after):
        yield f"  only in {side.folder}: {side.unmatched:,}; not told apart from another row: {side.alike:,}"
    yield ""
    table = [["outcome", "before", "after", "difference"]]
    table += [[each.outcome, f"{each.before:,}", f"{each.after:,}", f"{each.after - each.before:+,}"] for each in found.classes]
    yield from _aligned(table)
    yield from _changes(found.changes)


def _changes(changes: Iterable[Any]) -> Iterator[str]:
    last = None
    for change in changes:
        if change.column != last:
            last = change.column
            yield from ("", f"rewritten in matched rows: {change.column.replace('_', ' ')}")
        yield f"  {_said(change.before)} -> {_said(change.after)}: {change.rows:,}"
