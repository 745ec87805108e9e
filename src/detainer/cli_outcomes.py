"""The outcomes' door for a terminal: `detainer outcomes build`, `summary`, `facility`, `county`, `compare`."""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from detainer import outcomes
    from detainer.outcomes.progressing import Progress

app = typer.Typer(
    no_args_is_help=True, help="What became of every detainer, from published data and from the record. Not legal advice."
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Build = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `detainer outcomes build` made.")]
In = Annotated[Path, typer.Option("--in", metavar="DIR", help="A folder that `detainer outcomes build` made.")]
Threshold = Annotated[
    int | None,
    typer.Option(min=0, help="Hide counts from 1 to below this; 0 hides none. As the build was published if not said."),
]
HERE = Path("outcomes")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell what is wrong with a file, a folder or an option in a line, and end with 1."""
    from detainer.outcomes.errors import OutcomesError  # noqa: PLC0415

    try:
        yield
    except (OutcomesError, OSError) as error:
        said = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        typer.echo(f"detainer outcomes: {' '.join(said.split())}", err=True)
        raise typer.Exit(1) from error


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator["Progress"]:
    """Yield what a build tells its steps: a bar on a terminal, plain lines elsewhere, nothing when quiet."""
    if quiet or not sys.stderr.isatty():
        yield lambda doing, part=None: None if quiet or part else typer.echo(doing, err=True)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Beginning", total=None)

        def tell(doing: str, part: float | None = None) -> None:
            total, completed = (None, 0.0) if part is None else (1.0, part)
            bar.update(task, description=doing, total=total, completed=completed)

        yield tell


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A folder that is new, empty, or holds an earlier build.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES...", help="Tables of one release: xlsx, csv, parquet, feather, dta, sav; gz."),
    ] = None,
    engine: Annotated[str, typer.Option(help="What computes: duckdb or spark.")] = "duckdb",
    memory: Annotated[
        str | None, typer.Option(help="The most memory the engine may take, as 4GB; the rest goes to --spill.")
    ] = None,
    spill: Annotated[Path | None, typer.Option(help="Where the engine puts what does not fit into memory.")] = None,
    release: Annotated[str | None, typer.Option(help="The name of the release, where the files do not tell it.")] = None,
    mix_releases: Annotated[
        bool, typer.Option("--mix-releases", help="Take files of several releases; nobody is linked across them.")
    ] = False,
    date_order: Annotated[str | None, typer.Option(help="month_first or day_first, where dates do not show it.")] = None,
    threshold: Annotated[int | None, typer.Option(min=0, help="Hide counts from 1 to below this in what is published.")] = None,
    hand_over_within: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="Without a lift reason, a book-in so soon is read as a hand-over.")
    ] = None,
    before: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="An arrest or book-in so long before the detainer is still of it.")
    ] = None,
    contradicts_within: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="A book-in so soon speaks against a stated release or decline.")
    ] = None,
    from_exchange: Annotated[
        bool, typer.Option("--from-exchange", help="Count the exchange's own record; run by its operator.")
    ] = False,
    data: Annotated[
        Path, typer.Option("--data", help="The data directory of the exchange's database.", envvar="DETAINER_DATA")
    ] = Path("data"),
    as_json: Json = False,
) -> None:
    """Build a folder with every detainer's outcome, every measure, the quality of the data, and report.html.

    A second run on the same files takes over what is unchanged. An interrupted build leaves nothing that looks finished.
    """
    with _told():
        from detainer import outcomes  # noqa: PLC0415

        if bool(files) == from_exchange:
            raise outcomes.OutcomesError("name the files of a release, or --from-exchange: one of the two")
        given = {"hand_over": hand_over_within, "before": before, "contradicts": contradicts_within}
        options = _options(
            engine=engine,
            memory=memory,
            spill=str(spill.absolute()) if spill else None,
            release=release,
            mix_releases=mix_releases,
            date_order=date_order,
            threshold=threshold,
            windows={name: days for name, days in given.items() if days is not None},
        )
        with _progress(quiet=as_json) as progress:
            if from_exchange:
                made = _of_exchange(data, out, options, progress)
            else:
                made = outcomes.build(files or [], out, options, progress)
        typer.echo(made.model_dump_json() if as_json else "\n".join(_built(out, made)))


def _options(**given: Any) -> "outcomes.Options":
    from pydantic import ValidationError  # noqa: PLC0415

    from detainer.outcomes import Options, OutcomesError  # noqa: PLC0415

    try:
        return Options.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        option = "--" + str(fault["loc"][0]).replace("_", "-")
        raise OutcomesError(f"{option} {fault['input']}: {fault['msg']}") from None


def _of_exchange(data: Path, out: Path, options: "outcomes.Options", progress: "Progress") -> "outcomes.Manifest":
    from detainer import cli, outcomes  # noqa: PLC0415

    if not data.is_dir():
        raise outcomes.OutcomesError(f"{data}: no data directory of an exchange; `detainer serve` makes one, --data names it")
    with cli.as_worker(data):
        from detainer.exchange import outcome_rows  # noqa: PLC0415  (after Django's set-up)

        return outcomes.build_record(outcome_rows.rows(), out, options, progress)


def _built(out: Path, made: "outcomes.Manifest") -> Iterator[str]:
    tables = ", ".join(f"{count:,} {name}" for name, count in made.counts.items())
    yield f"{out}: {tables}"
    for span in made.releases:
        linked = [name for name, there in (("arrests", span.arrests), ("book-ins", span.book_ins)) if there]
        yield f"  release {span.name}, to {span.last_day}; linked with {' and '.join(linked) or 'no arrests, no book-ins'}"
    rejected = {name: count for name, count in made.rejected.items() if count}
    yield from (
        f"  {count:,} rows of {name} could not be read: {out / 'rejects' / f'{name}.csv'}" for name, count in rejected.items()
    )
    yield from (f"  note: {note}" for note in made.notes)
    reused = [stage.name for stage in made.stages if stage.reused]
    if reused:
        yield f"  taken over from the earlier build: {', '.join(reused)}"
    yield f"  read {out / 'report.html'}; ask `detainer outcomes summary {out} --by state`"


@app.command()
def summary(
    folder: Build,
    by: Annotated[str, typer.Option(help="Groups, as state,month: facility, county, state, area, month, year, ...")] = "",
    name: Annotated[
        str, typer.Option("--measure", help="What is counted: outcome_mix, citizens, followed_90, ...")
    ] = "outcome_mix",
    where: Annotated[list[str] | None, typer.Option(help="Only of these, as state=PA; may be repeated.")] = None,
    threshold: Threshold = None,
    as_json: Json = False,
) -> None:
    """Count one measure by groups."""
    with _told():
        from detainer import outcomes  # noqa: PLC0415

        groups = [group.strip() for group in by.split(",") if group.strip()]
        rows = outcomes.summary(folder, groups, name, _pairs(where or []), threshold)
        if as_json:
            typer.echo(json.dumps(rows, default=str))
            return
        typer.echo("\n".join(_measure(rows, groups)))


def _pairs(where: Sequence[str]) -> dict[str, str]:
    from detainer.outcomes import OutcomesError  # noqa: PLC0415

    for text in where:
        if "=" not in text:
            raise OutcomesError(f"--where {text}: write a group and its value, as state=PA")
    return dict(text.split("=", 1) for text in where)


def _measure(rows: Sequence[dict[str, Any]], groups: Sequence[str] = ()) -> Iterator[str]:
    """Yield a measure as lines: a head, a line for each group and part that has cases, and what is not known of each group."""
    if not rows:
        yield "no detainer is counted by this"
        return
    table = [[*groups, "", "count", "share", "if none or all of the unknown were so"]]
    last = None
    for row in rows:
        group = [_said(row[name]) for name in groups]
        if group != last:
            last = group
            rest = f"{_number(row['unknown'])} unknown, {_number(row['open'])} may be open"
            table.append([*group, "cases whose part is known", _number(row["denominator"]), "", rest])
        if row["numerator"] != 0:
            bounds = f"{_percent(row['low'])} to {_percent(row['high'])}" if row["low"] is not None else ""
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


@app.command()
def facility(
    code: Annotated[str, typer.Argument(help="A facility's code (DETLOC): ALLEGPA.")],
    folder: In = HERE,
    threshold: Threshold = None,
    as_json: Json = False,
) -> None:
    """Tell the numbers of one facility."""
    with _told():
        from detainer import outcomes  # noqa: PLC0415

        _tell(outcomes.facility(folder, code, threshold), as_json)


@app.command()
def county(
    name: Annotated[str, typer.Argument(metavar="COUNTY", help='A county with its state: "Bucks County, PA".')],
    folder: In = HERE,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Count facilities without a known code, too, whose name suggests the county.")
    ] = False,
    threshold: Threshold = None,
    as_json: Json = False,
) -> None:
    """Tell the numbers of one county."""
    with _told():
        from detainer import outcomes  # noqa: PLC0415

        _tell(outcomes.county(folder, name, with_suggested=suggested, threshold=threshold), as_json)


def _tell(place: Any, as_json: bool) -> None:
    typer.echo(place.model_dump_json() if as_json else "\n".join(_place(place)))


def _place(place: Any) -> Iterator[str]:
    from detainer.outcomes.from_record import MEASURES_OF  # noqa: PLC0415

    days = f", {place.first_day} to {place.last_day}" if place.first_day else ""
    yield f"{place.title}: {place.detainers:,} detainers{days}"
    yield from _names(place.names)
    if place.suggested and not place.with_suggested:
        count = sum(place.suggested.values())
        yield f"{count:,} more have no known code, and a name that suggests this county: count them with --suggested"
        yield from _names(place.suggested)
    if place.with_suggested:
        yield "The county of those without a known code is suggested by the facility's name alone; a name is no address."
    if not place.detainers:
        return
    for name, rows in place.measures.items():
        yield ""
        yield MEASURES_OF["exchange"][name].title
        yield from _measure(rows)


def _names(names: dict[str, int]) -> Iterator[str]:
    shown = list(names.items())
    yield from (f"  {count:,} {name}" for name, count in shown[:8])
    if len(shown) > 8:
        yield f"  {sum(count for _name, count in shown[8:]):,} under {len(shown) - 8} other names"


@app.command()
def compare(before: Build, after: Build, as_json: Json = False) -> None:
    """Show what a later release of the same data has rewritten."""
    with _told():
        from detainer import outcomes  # noqa: PLC0415

        found = outcomes.compare(before, after)
        typer.echo(found.model_dump_json() if as_json else "\n".join(_compared(found)))


def _compared(found: "outcomes.Comparison") -> Iterator[str]:
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
