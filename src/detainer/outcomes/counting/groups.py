"""How a measure is counted: by any groups, in one pass over the rows, with what is not known beside what is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import ibis
from ibis.expr import types as ir
from pydantic import BaseModel, ConfigDict, Field

from detainer.outcomes.counting.spans import Release
from detainer.outcomes.errors import OutcomesError

NO: Final = ibis.literal(False)
Thing = TypeVar("Thing")
Key = Callable[[ir.Table], ir.Value]


class Counted(NamedTuple):
    """Which rows a measure is about, and of these: whose part is unknown, which may be open still, and the parts of the rest."""

    scope: ir.BooleanValue
    unknown: ir.BooleanValue
    open: ir.BooleanValue
    parts: Mapping[str, ir.BooleanValue]


Count = Callable[[ir.Table, Sequence[Release]], Counted]


class Measure(BaseModel):
    """One measure in words, for people; `count` is the same for the engine.

    `parts`: its categories, in order, with their titles. `unknown` and `open`: the rule for the cases whose part nobody knows,
    and for those that may not have ended; both are left out of the denominator and counted beside it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    says: str
    numerator: str
    denominator: str
    unknown: str
    open: str
    limits: tuple[str, ...] = ()
    parts: dict[str, str]
    count: Count = Field(exclude=True, repr=False)


def text(table: ir.Table, *names: str) -> ir.StringValue:
    """Return the first of these columns that the table has; a null text if it has none."""
    found = next((name for name in names if name in table.columns), None)
    value: ir.StringValue = table[found] if found else ibis.null("string")
    return value


def facility(table: ir.Table) -> ir.StringValue:
    """Return a facility by its code; where a release has none, by its name with its state."""
    name = text(table, "detention_facility").re_replace(r"\s+", " ").strip().upper()
    return ibis.coalesce(text(table, "facility_code", "detention_facility_code"), name + ", " + text(table, "state"))


# What can be counted by. A county carries its state: many states have a Washington County.
GROUPS: Final[dict[str, Key]] = {
    "facility": facility,
    "county": lambda t: text(t, "county") + ", " + text(t, "state"),
    "state": lambda t: text(t, "state"),
    "area": lambda t: text(t, "area"),
    "month": lambda t: t.detainer_prepare_date.strftime("%Y-%m"),
    "year": lambda t: t.detainer_prepare_date.strftime("%Y"),
    "detainer_type": lambda t: text(t, "detainer_type"),
    "office": lambda t: text(t, "tod_current_duty_site"),
    "criminality": lambda t: text(t, "detainer_prepared_criminality"),
    "law_hold": lambda t: text(t, "law_hold"),
    "law_notify": lambda t: text(t, "law_notify"),
    "evidence": lambda t: text(t, "evidence"),
    "release": lambda t: text(t, "release"),
}


def grouped(by: Sequence[str]) -> dict[str, Key]:
    """Return the groups of these names. OutcomesError for one that there is not, or one named twice."""
    if len(set(by)) < len(by):
        raise OutcomesError(f"by {', '.join(by)}: each may be named once")
    return {name: named(GROUPS, "group", name) for name in by}


def named(things: Mapping[str, Thing], kind: str, name: str) -> Thing:
    """Return the thing of that name. OutcomesError, with the names there are, for one that there is not."""
    if name not in things:
        raise OutcomesError(f"{name}: there is no such {kind}; there are {', '.join(things)}")
    return things[name]


def single(table: ir.Table) -> ir.BooleanValue:
    """Return whether a row is no copy of another one."""
    yes: ir.BooleanValue = table.duplicate_of.isnull()
    return yes


def count_by(
    chosen: Measure, table: ir.Table, by: Sequence[str], spans: Sequence[Release], *, duplicates: bool = False
) -> ir.Table:
    """Return a measure by groups: one row a group and part, as `measures.measure` says."""
    scope = chosen.count(table, spans).scope
    wide = _wide(table.filter(scope), grouped(by), chosen.count, spans, duplicates=duplicates)
    return _long(wide, tuple(by), tuple(chosen.parts))


# Where a row that is in no part of a measure is counted.
_COPY, _UNKNOWN, _OPEN, _NO_PART = -1, -2, -3, -4


def _wide(table: ir.Table, keys: Mapping[str, Key], count: Count, spans: Sequence[Release], *, duplicates: bool) -> ir.Table:
    """Return one row a group, one column a part: one pass over the rows, each put into its one place; the rest is small."""
    counted = count(table, spans)
    place = ibis.cases(
        (~single(table) & (not duplicates), _COPY),
        (counted.unknown.fill_null(True), _UNKNOWN),
        (counted.open.fill_null(False), _OPEN),
        *((condition.fill_null(False), number) for number, condition in enumerate(counted.parts.values())),
        else_=_NO_PART,
    )
    placed = table.select(**{name: key(table) for name, key in keys.items()}, place=place)
    rows = placed.group_by([*keys, "place"]).agg(rows=placed.count())
    places = {
        "denominator": rows.place.isin([*range(len(counted.parts)), _NO_PART]),
        "unknown": rows.place == _UNKNOWN,
        "open": rows.place == _OPEN,
        "duplicates": rows.place == _COPY,
        **{f"part_{part}": rows.place == number for number, part in enumerate(counted.parts)},
    }
    sums = {name: rows.rows.sum(where=there).fill_null(0) for name, there in places.items()}
    return rows.group_by(list(keys)).agg(**sums) if keys else rows.agg(**sums)


def _long(wide: ir.Table, by: tuple[str, ...], parts: tuple[str, ...]) -> ir.Table:
    """Return one row a group and part, from the small table of one row a group."""
    names = ibis.memtable(
        {"category": list(parts), "position": list(range(len(parts)))}, schema={"category": "string", "position": "int64"}
    )
    crossed = wide.cross_join(names)
    numerator = ibis.cases(*((crossed.category == part, crossed[f"part_{part}"]) for part in parts))
    long = crossed.mutate(numerator=numerator, all=crossed.denominator + crossed.unknown + crossed.open)
    undecided = long.unknown + long.open
    long = long.mutate(
        share=_of(long.numerator, long.denominator),
        low=_of(long.numerator, long["all"]),
        high=_of(long.numerator + undecided, long["all"]),
    )
    columns = (*by, "category", "numerator", "denominator", "unknown", "open", "duplicates", "share", "low", "high")
    return long.order_by([*by, "position"]).select(*columns)


def _of(part: ir.IntegerValue, whole: ir.IntegerValue) -> ir.FloatingValue:
    share: ir.FloatingValue = part.cast("float64") / whole.nullif(0).cast("float64")
    return share
