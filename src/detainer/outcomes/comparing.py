"""Two builds of the same data side by side: what a later release has rewritten.

Identifiers of people join within one release only. Where the two releases share them after all, rows are matched by identifier,
day and facility; else by columns that ICE does not rewrite. A row is matched only where it is the only one of its kind on either
side: what is ambiguous is counted, never guessed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import ibis
from ibis.expr import types as ir
from pydantic import BaseModel, ConfigDict

from detainer.outcomes import manifest
from detainer.outcomes.deriving.facilities import folded
from detainer.outcomes.engine import session
from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.manifest import OUTCOMES, Manifest

BY_IDENTIFIER: Final = ("unique_identifier", "detainer_prepare_date", "facility")
# What is told of a person or a request once and stays as it was, as far as the releases show.
STABLE: Final = (
    *("detainer_prepare_date", "facility", "state", "gender", "birth_year", "birth_country", "citizenship_country"),
    *("entry_date", "detainer_prep_threat_level", "most_serious_conviction_charge"),
)
REWRITTEN: Final = ("outcome", "detainer_lift_reason", "case_status", "evidence")
SHARED: Final = 0.05  # of the earlier build's identifiers: two releases that share so many share the identifiers
_BLANK: Final = "\u2400"


class Side(BaseModel):
    """One of the two builds: `different` rows are the only ones of their kind, `alike` ones are not."""

    model_config = ConfigDict(frozen=True)

    folder: str
    releases: tuple[str | None, ...]
    rows: int
    copies: int
    different: int
    alike: int
    unmatched: int


class Class(BaseModel):
    """How many detainers ended so in each of the two, copies left out."""

    model_config = ConfigDict(frozen=True)

    outcome: str
    before: int
    after: int


class Change(BaseModel):
    """How many matched rows say `after` now and said `before`; None: nothing."""

    model_config = ConfigDict(frozen=True)

    column: str
    before: str | None
    after: str | None
    rows: int


class Comparison(BaseModel):
    """What was rewritten between two builds."""

    model_config = ConfigDict(frozen=True)

    before: Side
    after: Side
    matched_by: Literal["identifier", "columns"]
    columns: tuple[str, ...]
    matched: int
    classes: tuple[Class, ...]
    changes: tuple[Change, ...]


def compare(before: Path, after: Path) -> Comparison:
    """Return what differs between two builds. OutcomesError for a folder that is none, and for two that cannot be compared."""
    made = manifest.read(before), manifest.read(after)
    if made[0].source != made[1].source:
        raise OutcomesError(
            f"{before} is of the source {made[0].source}, {after} of {made[1].source}: they have no rows in common"
        )
    with session() as at_work:
        one, other = (_facilities_named(at_work.read_parquet(folder / OUTCOMES)) for folder in (before, after))
        by_identifier = _share_identifiers(one, other)
        columns = _matchable(BY_IDENTIFIER if by_identifier else STABLE, one, other)
        if "detainer_prepare_date" not in columns:
            raise OutcomesError(f"{before} and {after}: one of them has no readable day in any row: no row can be matched")
        singles = [_keyed(_singles(table), columns) for table in (one, other)]
        pairs = _pairs(*singles)
        matched = int(pairs.count().to_pyarrow().as_py())
        return Comparison(
            before=_side(before, made[0], one, singles[0], matched),
            after=_side(after, made[1], other, singles[1], matched),
            matched_by="identifier" if by_identifier else "columns",
            columns=columns,
            matched=matched,
            classes=_classes(one, other),
            changes=_changes(pairs),
        )


def _facilities_named(table: ir.Table) -> ir.Table:
    """Return a table with `facility`: the code, else the name."""
    return table.mutate(facility=ibis.coalesce(table.facility_code, folded(table.detention_facility)))


def _singles(table: ir.Table) -> ir.Table:
    return table.filter(table.duplicate_of.isnull())


def _share_identifiers(one: ir.Table, other: ir.Table) -> bool:
    first, second = (
        table.filter(table.unique_identifier.notnull()).select("unique_identifier").distinct() for table in (one, other)
    )
    all_ = int(first.count().to_pyarrow().as_py())
    both = int(first.semi_join(second, "unique_identifier").count().to_pyarrow().as_py())
    return all_ > 0 and both >= SHARED * all_


def _matchable(columns: Sequence[str], one: ir.Table, other: ir.Table) -> tuple[str, ...]:
    """Return those of the columns that say something in both tables."""
    there = [name for name in columns if name in one.columns and name in other.columns]
    counts = [table.agg(**{name: table[name].count() for name in there}).to_pyarrow().to_pylist()[0] for table in (one, other)]
    return tuple(name for name in there if all(count[name] for count in counts))


def _keyed(table: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Return the rows narrow, with a text that says what is compared of each, and how many rows have it."""
    told = [table[name].cast("string").fill_null(_BLANK) for name in columns]
    rewritten = {name: table[name].cast("string") if name in table.columns else ibis.null("string") for name in REWRITTEN}
    keyed = table.select(match=ibis.literal("\u241f").join(told), **rewritten)
    alike = keyed.group_by("match").agg(alike=keyed.count())
    return keyed.join(alike, "match")


def _pairs(one: ir.Table, other: ir.Table) -> ir.Table:
    first = one.filter(one.alike == 1).select("match", **{f"{name}_before": one[name] for name in REWRITTEN})
    second = other.filter(other.alike == 1).select("match", **{f"{name}_after": other[name] for name in REWRITTEN})
    return first.join(second, "match")


def _side(folder: Path, made: Manifest, table: ir.Table, keyed: ir.Table, matched: int) -> Side:
    rows, singles = (int(count.to_pyarrow().as_py()) for count in (table.count(), _singles(table).count()))
    different = int(keyed.filter(keyed.alike == 1).count().to_pyarrow().as_py())
    return Side(
        folder=str(folder),
        releases=tuple(span.name for span in made.releases),
        rows=rows,
        copies=rows - singles,
        different=different,
        alike=singles - different,
        unmatched=different - matched,
    )


def _classes(one: ir.Table, other: ir.Table) -> tuple[Class, ...]:
    counts = []
    for table in (one, other):
        singles = _singles(table)
        found = singles.group_by("outcome").agg(rows=singles.count()).to_pyarrow().to_pylist()
        counts.append({row["outcome"]: row["rows"] for row in found})
    names = sorted({*counts[0], *counts[1]})
    return tuple(Class(outcome=name, before=counts[0].get(name, 0), after=counts[1].get(name, 0)) for name in names)


def _changes(pairs: ir.Table) -> tuple[Change, ...]:
    changes: list[Change] = []
    for name in REWRITTEN:
        before, after = pairs[f"{name}_before"], pairs[f"{name}_after"]
        changed = pairs.filter(~before.identical_to(after))
        found = changed.group_by(before=before, after=after).agg(rows=changed.count())
        ordered = found.order_by([ibis.desc("rows"), "before", "after"]).to_pyarrow().to_pylist()
        changes += [Change(column=name, **row) for row in ordered]
    return tuple(changes)
