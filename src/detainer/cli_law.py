"""The law's door for a terminal: `detainer law answer`, `show`, `diff`, `check`, `coverage`, `replay`. It needs no database."""

import contextlib
import csv
import datetime as dt
import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from detainer import law
from detainer.cli_coverage import page
from detainer.law.check import faults
from detainer.law.errors import LawError
from detainer.law.library import Library
from detainer.law.reading import ProvisionShown

app = typer.Typer(
    no_args_is_help=True, help="What the law says, with its sources: research, not legal advice. Needs no database."
)

Place = Annotated[str, typer.Argument(help="A place: us/nj, us/ca/los_angeles_county, us/ma/boston.")]
Layer = Annotated[Path | None, typer.Option("--with", help="An agency's own layer (YAML), put below the package's law.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell what is wrong with a question or a file in a line or more, and end with 1."""
    try:
        yield
    except (LawError, OSError, UnicodeDecodeError) as error:
        said = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        for line in said.splitlines():
            typer.echo(f"detainer law: {line}", err=True)
        raise typer.Exit(1) from error


def _day(text: str, option: str = "--on") -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise LawError(f"{option} [{text}] is not a day; write it as 2024-05-01") from None


def _library(layer: Path | None) -> Library:
    return law.with_layer(law.library(), layer.read_text(encoding="utf-8"), str(layer)) if layer else law.library()


def _facts(file: str | None) -> dict[str, Any]:
    """Return the facts of a JSON file, or of standard input for "-"; none without a file."""
    if file is None:
        return {}
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise LawError(f"{file}:{error.lineno}: this is not JSON: {error.msg}") from None
    if not isinstance(told, dict):
        raise LawError(f'{file}:1: facts are one JSON object, such as {{"facility": "jail", "warrant": ["administrative"]}}')
    return told


def _short(answer: law.Answer) -> Iterator[str]:
    yield f"{answer.place}, {answer.on}, {answer.ask}: {answer.value}"
    yield from (f"  {rule.sentence} ({rule.cite})" for rule in answer.rules)
    yield from (f"  to be asked: {fact.question} [{fact.fact}]" for fact in answer.missing)
    yield from (f"  note: {note}" for note in answer.notes)
    yield answer.notice


@app.command()
def answer(
    place: Annotated[str, typer.Option("--in", help="The place: us/ca/los_angeles_county.")],
    ask: Annotated[str, typer.Option(help=f"What is asked: {', '.join(law.ASKS)}.")],
    on: Annotated[str, typer.Option(help="The custodian's day: 2024-05-01.")],
    facts: Annotated[str | None, typer.Option(help="A JSON file of what is known, - for standard input.")] = None,
    layer: Layer = None,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="Every rule that was looked at, and why it applies or not.")] = False,
) -> None:
    """Answer an ask: must, may, must_not, needs_facts, conflict or ask_counsel, with the rules that say so."""
    with _told():
        found = law.answer(place, ask, _day(on), _facts(facts), _library(layer))
        typer.echo(found.model_dump_json() if as_json else law.explain(found) if explain else "\n".join(_short(found)))


def _provision(one: ProvisionShown) -> Iterator[str]:
    stands = f", {one.standing.replace('_', ' ')}" if one.standing else ""
    spans = "; ".join(f"{span.state.replace('_', ' ')} {span.from_ or '...'} to {span.until or '...'}" for span in one.spans)
    yield f"  {one.id} ({one.kind.replace('_', ' ')}{stands}; {spans}; confidence {one.confidence})"
    yield from (f"    {sentence}" for sentence in dict.fromkeys(said.sentence for said in one.sentences))
    yield f"    {one.cite or 'no citation'}: {one.source}"


def _place(shown: Any) -> Iterator[str]:
    yield f"{shown.name} ({shown.place}){f' on {shown.on}' if shown.on else ''}"
    for layer in shown.layers:
        yield f"{layer.path}: {layer.summary}"
        for one in layer.provisions:
            if one.binds_here:
                yield from _provision(one)
    yield from (f"{path}: no file of law" for path in shown.without_file)


@app.command()
def show(
    place: Place,
    on: Annotated[str | None, typer.Option(help="How each provision stands on this day.")] = None,
    layer: Layer = None,
    as_json: Json = False,
) -> None:
    """Show the law of a place: every rule, duty and limit of time as a sentence, with its dates and its source."""
    with _told():
        shown = law.show(place, _day(on) if on else None, _library(layer))
        typer.echo(shown.model_dump_json() if as_json else "\n".join(_place(shown)))


@app.command()
def diff(
    place: Place,
    start: Annotated[str, typer.Option("--from", help="The first day.")],
    end: Annotated[str, typer.Option("--to", help="The second day.")],
    layer: Layer = None,
    as_json: Json = False,
) -> None:
    """Show what stands otherwise at a place on the second day than on the first."""
    with _told():
        found = law.diff(place, _day(start, "--from"), _day(end, "--to"), _library(layer))
        lines = [f"{found.place}: {len(found.changes)} provisions stand otherwise on {found.to} than on {found.from_}"]
        for change in found.changes:
            lines.append(f"{change.before.replace('_', ' ')} -> {change.after.replace('_', ' ')}")
            lines += _provision(change.provision)
        typer.echo(found.model_dump_json() if as_json else "\n".join(lines))


def _wrong(layer: Path | None, found: Library, stale_on: dt.date | None, *, alone: bool) -> Iterator[str]:
    """Yield the faults of the package's law and cases, or those of a layer and of the cases beside it, if `alone` of none."""
    from detainer.law.cases import case_files, read_cases  # noqa: PLC0415  (reading YAML takes its time)

    if layer is None:
        yield from faults(found, case_files(), stale_on)
        return
    beside = layer.with_name(f"{layer.name.removesuffix('.yaml')}.cases.yaml")
    if not beside.exists() and not alone:
        raise LawError(f"{layer}:1: no cases; write {beside.name} beside it")
    cases = {str(beside): read_cases(beside.read_text(encoding="utf-8"), str(beside))} if beside.exists() else {}
    for fault in faults(found, cases, stale_on):
        if fault.startswith((f"local:{layer}:", f"{beside}:")):
            yield fault.removeprefix("local:")


def _in_vain(file: Path, found: Library, on: dt.date) -> Iterator[str]:
    """Yield what of a layer is without effect, one line for each rule and what stands above it."""
    path = law.read_jurisdiction(file.read_text(encoding="utf-8"), str(file)).path
    for each in law.voided(found, path, found.layers[path][-1], on):
        where = "always" if each.always else "wherever it applies"
        yield f"without effect: [{each.id}] on {each.ask}: {each.by} of {each.place} ({each.cite}) stands above it, {where}"


def _all_told(wrong: Iterator[str]) -> list[str]:
    """Return all faults. One that keeps the cases from being answered was told before them."""
    told: list[str] = []
    try:
        for fault in wrong:
            told.append(fault)  # noqa: PERF402  (what came before an error is kept)
    except LawError:
        if not told:
            raise
    return told


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="An agency's own layer (YAML), checked alone; cases beside it if any.")
    ] = None,
    layer: Layer = None,
    stale_on: Annotated[str | None, typer.Option(help="Name as well what was not checked for two years before this day.")] = None,
) -> None:
    """Check the files of law and their cases, or an agency's own layer: file, line, rule, what would be right; ends with 1."""
    with _told():
        if file and layer:
            raise LawError("name the layer once: FILE, or --with FILE, which wants cases beside it")
        own = file or layer
        found = _library(own)
        stale = _day(stale_on, "--stale-on") if stale_on else None
        wrong = _all_told(_wrong(own, found, stale, alone=file is not None))
        if wrong:
            raise LawError("\n".join(wrong))
        if own:
            for line in _in_vain(own, found, dt.datetime.now(dt.UTC).date()):
                typer.echo(line)
        items = [one for files in found.layers.values() for one in files]
        typer.echo(f"{len(items)} files, {sum(len(one.rules) for one in items)} rules: no fault (law {found.hash[:12]})")


@app.command()
def coverage(
    write: Annotated[Path | None, typer.Option(help="Write the page here: docs/law/coverage.md.")] = None, as_json: Json = False
) -> None:
    """List the files of law: what each covers, how sure it is, and what is not known."""
    with _told():
        rows = law.coverage()
        if write:
            write.write_text(page(rows), encoding="utf-8")
            typer.echo(f"{write}: {len(rows)} files of law")
        else:
            typer.echo(json.dumps([row.model_dump(mode="json") for row in rows]) if as_json else page(rows), nl=as_json)


_COLUMNS = ("place", "ask", "on", "facts")


def _rows(file: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the four columns of each request of a CSV or Parquet file."""
    if file.suffix == ".parquet":
        try:
            parquet: Any = importlib.import_module("pyarrow.parquet")
        except ImportError:
            raise LawError(f"{file}: to read Parquet install pyarrow, or give the same columns as CSV") from None
        for batch in parquet.ParquetFile(file).iter_batches(columns=list(_COLUMNS)):
            yield from zip(*(batch.column(name).to_pylist() for name in _COLUMNS), strict=True)
        return
    with file.open(encoding="utf-8", newline="") as opened:
        table = csv.DictReader(opened)
        lacking = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
        if lacking:
            raise LawError(f"{file}:1: column [{lacking[0]}] is missing; a table of requests has {', '.join(_COLUMNS)}")
        yield from (tuple(row[name] for name in _COLUMNS) for row in table)


def _replayed(file: Path, after: Library, on: dt.date | None) -> Counter[Any]:
    row = 0

    def past() -> Iterable[law.Past]:
        nonlocal row
        for place, ask, day, facts in _rows(file):
            row += 1
            yield law.Past(place, ask, day if isinstance(day, dt.date) else _day(day, "on"), facts or "{}")

    try:
        return law.replay(past(), law.library(), after, on)
    except json.JSONDecodeError as error:
        raise LawError(f"{file}: request {row}: facts are not JSON: {error.msg}") from None
    except LawError as error:
        raise LawError(f"{file}: request {row}: {error}" if row else str(error)) from None


@app.command()
def replay(
    requests: Annotated[Path, typer.Option(help="A CSV (or Parquet) file with the columns place, ask, on, facts (JSON).")],
    layer: Layer = None,
    on: Annotated[str | None, typer.Option(help="Answer all as if on this day.")] = None,
    as_json: Json = False,
) -> None:
    """Answer past requests again under another layer or on another day, and count what comes out otherwise."""
    with _told():
        if layer is None and on is None:
            raise LawError("say what is other now: --with a layer, --on a day, or both")
        counts = _replayed(requests, _library(layer), _day(on) if on else None)
        told = [{**came._asdict(), "requests": count} for came, count in sorted(counts.items())]
        if as_json:
            typer.echo(json.dumps(told))
            return
        changed = [one for one in told if one["before"] != one["after"]]
        typer.echo(f"{counts.total()} requests, {sum(one['requests'] for one in changed)} come out otherwise")
        for one in changed:
            typer.echo(f"  {one['place']} {one['ask']}: {one['before']} -> {one['after']}: {one['requests']}")
