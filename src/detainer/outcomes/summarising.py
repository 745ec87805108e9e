"""Numbers out of a build: one measure by any groups, one facility, one county, each with small counts hidden."""

import contextlib
import csv
import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr import types as ir
from pydantic import BaseModel, ConfigDict

from detainer.law import gazetteer
from detainer.outcomes import manifest
from detainer.outcomes.counting.groups import GROUPS, count_by, grouped
from detainer.outcomes.counting.of_record import MEASURES_OF
from detainer.outcomes.counting.tabulating import tabulate
from detainer.outcomes.deriving import counties
from detainer.outcomes.deriving.facilities import folded
from detainer.outcomes.engine import session
from detainer.outcomes.errors import OutcomesError, nearest
from detainer.outcomes.manifest import OUTCOMES, Manifest
from detainer.outcomes.publishing.linked import By, with_small_hidden
from detainer.outcomes.publishing.writing import name_of

Row = dict[str, Any]
SHOWN: Final[tuple[str, ...]] = (
    "outcome_mix",
    "evidence",
    "citizens",
    "no_means",
    "followed_90",
    "followed_ever",
    "declined_law",
    "declined_law_assumed",
)

_HERE: Final[By] = ("place",)
_TELLING: Final = ("withdrawn",)  # whose parts stand in those shown, and are hidden with them


class Place(BaseModel):
    """The numbers of one facility or county. `suggested` has the names, with their rows, whose county only the name suggests.

    `few`: it has fewer cases than the threshold, so every part is withheld and there are only the measures of all its cases.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    detainers: int
    names: dict[str, int]
    suggested: dict[str, int] = {}
    with_suggested: bool = False
    first_day: str | None
    last_day: str | None
    threshold: int
    few: bool = False
    measures: dict[str, list[Row]]


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[tuple[Manifest, ir.Table]]:
    """Open a build: its manifest and its table of outcomes. OutcomesError for a folder that is no build."""
    made = manifest.read(folder)
    with session(memory=made.options.memory) as at_work:
        yield made, at_work.read_parquet(folder / OUTCOMES)


def summary(
    folder: Path,
    by: Sequence[str] = (),
    name: str = "outcome_mix",
    where: Mapping[str, str] | None = None,
    threshold: int | None = None,
) -> list[Row]:
    """Return one measure by groups of the detainers that are `where` says: the rows as they may be published.

    A table that the build published is given as it is there, so that what one hides the other does not tell. `threshold`: counts
    below it are hidden; None: as the build was published. OutcomesError names a measure, group or value
    that there is not, with the nearest that there is.
    """
    with opened(folder) as (made, table):
        _known("measure", name, MEASURES_OF[made.source])
        for group in (*by, *(where or {})):
            _known("group", group, GROUPS)
        grouped(by)
        least = made.options.threshold if threshold is None else threshold
        published = folder / "measures" / f"{name_of(name, by)}.parquet"
        if not where and least == made.options.threshold and published.is_file():
            rows: list[Row] = pq.ParquetFile(published).read().to_pylist()
        else:
            rows = _counted(made, _where(table, where or {}), name, tuple(by), least)
        return _by_group(rows, by, list(MEASURES_OF[made.source][name].parts))


def facility(folder: Path, code: str, threshold: int | None = None) -> Place:
    """Return the numbers of a facility by its code.

    OutcomesError for a code that no detainer names, with the nearest codes and the codes of the nearest names: names are no
    addresses, so none is taken for the one that was meant.
    """
    wanted = code.strip().upper()
    with opened(folder) as (made, table):
        chosen = table.filter(table.facility_code == wanted)
        names = _names(chosen)
        if not names:
            raise OutcomesError(f"{code}: no detainer names a facility of this code{_alike(table, wanted)}")
        return _place(made, chosen, wanted, names, threshold)


def _alike(table: ir.Table, wanted: str) -> str:
    """Return the codes that are most like what was asked for, and those whose names are or hold all its words; as suggestions."""
    pairs = table.select(code=table.facility_code, name=folded(table.detention_facility)).distinct().to_pyarrow().to_pylist()
    names = {(pair["code"], pair["name"] or "") for pair in pairs if pair["code"]}
    words = set(wanted.split())
    near = difflib.get_close_matches(wanted, sorted({code for code, _name in names}), 3, 0.6)
    near_names = difflib.get_close_matches(wanted, sorted({name for _code, name in names}), 3, 0.7)
    named = sorted((code, name) for code, name in names if name in near_names or (words and words <= set(name.split())))
    titles = dict(sorted(names, reverse=True))
    found = {code: titles[code] for code in near} | dict(named[:5])
    told = ", ".join(f"{code} ({name})" if name else code for code, name in found.items())
    return f"; perhaps {told}: say the code" if told else ""


def county(folder: Path, name: str, *, with_suggested: bool = False, threshold: int | None = None) -> Place:
    """Return the numbers of a county ("Bucks County, PA"), by its facilities' codes; `with_suggested`: by their names, too.

    OutcomesError for a county that there is not, with the nearest.
    """
    path = county_path(name)
    with opened(folder) as (made, table):
        by_name = _suggested(folder, path)
        known = table.county == path
        known_by_name = table.county.isnull() & (table.state == path.split("/")[1].upper())
        named = known_by_name & table.detention_facility.isin(list(by_name)) if by_name else ibis.literal(False)
        chosen = table.filter((known | named).fill_null(False) if with_suggested else known.fill_null(False))
        place = _place(made, chosen, _titled(path), _names(chosen), threshold)
        return place.model_copy(update={"suggested": by_name, "with_suggested": with_suggested})


def county_path(name: str) -> str:
    """Return the path of a county by its name: "Bucks County, PA", "Bucks Pennsylvania", "us/pa/bucks_county".

    OutcomesError for none, and for more than one: St. Louis, MO is a county and a city.
    """
    if name in gazetteer.counties():
        return name
    base, code = _base_and_state(name)
    if code is None:
        there = [_titled(path) for each in gazetteer.STATES for path in counties.all_of_name(each, name)]
        named = (
            f"; there {'is' if len(there) == 1 else 'are'} {' and '.join(there)}"
            if len(there) < 3
            else f"; there are {len(there)}: {', '.join(there)}"
        )
        raise OutcomesError(
            f'{name}: name a county with its state, as "Bucks County, PA": many states have counties of one name'
            + (named if there else "")
        )
    paths = counties.all_of_name(code, base)
    if not paths:
        here = [_titled(each) for each in gazetteer.counties() if each.split("/")[1] == code]
        raise OutcomesError(f"{name}: {gazetteer.STATES[code]} has no such county{nearest(f'{base}, {code.upper()}', here)}")
    if len(paths) > 1:
        raise OutcomesError(f"{name}: a county and a city have this name; say {' or '.join(map(_titled, paths))}")
    return paths[0]


def _base_and_state(name: str) -> tuple[str, str | None]:
    """Return a county's name and its state's code, which follows after a comma, or without one where there is such a county."""
    states = {told.lower(): code for code, told in gazetteer.STATES.items()} | {code: code for code in gazetteer.STATES}
    base, comma, state = (part.strip() for part in name.rpartition(","))
    if comma:
        return base, states.get(state.lower())
    text = name.strip()
    for told in sorted(states, key=len, reverse=True):
        base = text[: -len(told)].rstrip()
        is_told = text.lower().endswith(f" {told}") and (
            told != "co" or counties.says_kind(base)
        )  # "Jefferson Co" names no state
        if is_told and counties.all_of_name(states[told], base):
            return base, states[told]
    return text, None


def _titled(path: str) -> str:
    return f"{gazetteer.name_of(path)}, {path.split('/')[1].upper()}"


def _where(table: ir.Table, where: Mapping[str, str]) -> ir.Table:
    for group, value in where.items():
        wanted = value.strip()
        found = table.filter((GROUPS[group](table) == wanted).fill_null(False))
        if not found.limit(1).to_pyarrow().num_rows:
            there = table.select(value=GROUPS[group](table)).distinct().to_pyarrow()["value"].to_pylist()
            raise OutcomesError(f"{group}={value}: no detainer is of it{nearest(wanted, map(str, filter(None, there)))}")
        table = found
    return table


def _together(made: Manifest, table: ir.Table, names: Sequence[str], threshold: int) -> dict[str, list[Row]]:
    """Return measures of one place, such that what one of them hides no other tells."""
    every = MEASURES_OF[made.source]
    counted: dict[str, dict[By, pa.Table]] = {}
    for name in dict.fromkeys((*names, *_TELLING)):
        rows = count_by(every[name], table, (), made.releases).to_pyarrow()
        counted[name] = {_HERE: rows.add_column(0, _HERE[0], pa.array([""] * rows.num_rows))}
    shown = with_small_hidden(counted, threshold)
    return {name: _in_order(shown[name][_HERE].drop_columns(list(_HERE)).to_pylist(), every[name].parts) for name in names}


def _in_order(rows: list[Row], parts: Mapping[str, str]) -> list[Row]:
    return sorted(rows, key=lambda row: list(parts).index(row["category"]))


def _counted(made: Manifest, table: ir.Table, name: str, by: By, threshold: int) -> list[Row]:
    """Return a measure by groups that the build has not published, hidden as if it had all its measures by them."""
    counted: dict[str, dict[By, pa.Table]] = {}
    for each in tabulate(table, made.releases, breakdowns=(by,), measures=MEASURES_OF[made.source]):
        counted.setdefault(each.measure, {})[by] = each.table
    rows: list[Row] = with_small_hidden(counted, threshold)[name][by].to_pylist()
    return rows


def _by_group(rows: list[Row], by: Sequence[str], parts: list[str]) -> list[Row]:
    """Return the rows in the order of their groups, what is not known last, and of their parts."""
    groups = {tuple(row[group] for group in by) for row in rows}
    order = sorted(groups, key=lambda group: [(value is None, str(value)) for value in group])
    place = {group: at for at, group in enumerate(order)}
    return sorted(rows, key=lambda row: (place[tuple(row[group] for group in by)], parts.index(row["category"])))


def _place(made: Manifest, table: ir.Table, title: str, names: dict[str, int], threshold: int | None) -> Place:
    least = made.options.threshold if threshold is None else threshold
    days = table.agg(first=table.detainer_prepare_date.min(), last=table.detainer_prepare_date.max()).to_pyarrow().to_pylist()[0]
    shown = [name for name in SHOWN if name in MEASURES_OF[made.source]]
    if made.source == "exchange":
        shown = list(dict.fromkeys([*shown, *MEASURES_OF["exchange"]]))
    measures = _together(made, table, shown, least)
    mix = measures["outcome_mix"]
    few = bool(mix) and all(row["hidden"] for row in mix)
    return Place(
        title=title,
        detainers=sum(names.values()),
        names=names,
        first_day=days["first"] and days["first"].isoformat(),
        last_day=days["last"] and days["last"].isoformat(),
        threshold=least,
        few=few,
        measures={name: rows for name, rows in measures.items() if rows} if few else measures,
    )


def _names(table: ir.Table) -> dict[str, int]:
    """Return the names of the facilities, as detainers write them, with their rows, the most frequent first."""
    name = folded(table.detention_facility).fill_null("(no name)")
    found = table.group_by(name=name).agg(rows=table.count()).order_by([ibis.desc("rows"), "name"]).to_pyarrow()
    return {row["name"]: row["rows"] for row in found.to_pylist()}


def _suggested(folder: Path, path: str) -> dict[str, int]:
    file = folder / "suggestions.csv"
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as opened_file:
        rows = csv.DictReader(opened_file)
        return {row["detention_facility"]: int(row["detainers"]) for row in rows if row["suggested_county"] == path}


def _known(kind: str, name: str, there: Mapping[str, Any]) -> None:
    if name not in there:
        raise OutcomesError(f"{name}: there is no such {kind}{nearest(name, there)}; there are {', '.join(there)}")
