"""The outcomes' door for a terminal: `detainer outcomes build`, `summary`, `facility`, `county`, `compare`."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detainer import cli_outcomes_lines as lines

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
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="TITLE=NAME", help='What an unknown title is of: "Day=detainer_prepare_date".'),
    ] = None,
    unpack_limit: Annotated[
        str | None, typer.Option(metavar="SIZE", help="How large a packed file may grow, as 100GB; what grows more is refused.")
    ] = None,
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
            columns=_pairs("--column", column or [], "a title and its column, as Day=detainer_prepare_date"),
            unpack_limit=unpack_limit,
            date_order=date_order,
            threshold=threshold,
            windows={name: days for name, days in given.items() if days is not None},
        )
        with _progress(quiet=as_json) as progress:
            if from_exchange:
                made = _of_exchange(data, out, options, progress)
            else:
                made = outcomes.build(files or [], out, options, progress)
        typer.echo(made.model_dump_json() if as_json else "\n".join(lines.built(out, made)))


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
        chosen = _pairs("--where", where or [], "a group and its value, as state=PA")
        rows = outcomes.summary(folder, groups, name, chosen, threshold)
        if as_json:
            typer.echo(json.dumps(rows, default=str))
            return
        typer.echo("\n".join(lines.measure(rows, groups)))


def _pairs(option: str, said: Sequence[str], of: str) -> dict[str, str]:
    from detainer.outcomes import OutcomesError  # noqa: PLC0415

    for text in said:
        if "=" not in text:
            raise OutcomesError(f"{option} {text}: write {of}")
    return {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in said)}


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
    typer.echo(place.model_dump_json() if as_json else "\n".join(lines.place(place)))


@app.command()
def compare(before: Build, after: Build, as_json: Json = False) -> None:
    """Show what a later release of the same data has rewritten."""
    with _told():
        from detainer import outcomes  # noqa: PLC0415

        found = outcomes.compare(before, after)
        typer.echo(found.model_dump_json() if as_json else "\n".join(lines.compared(found)))
