"""A build: released files in, and out comes a folder with every detainer's outcome, the measures, the quality report, the report.

The steps are stages. Each has a key: the SHA-256 of all that its files follow from. A stage whose key and files an earlier build
at the same place has already is taken over from it. The manifest is written last, and the folder appears whole or not at all.
"""

import datetime as dt
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr import types as ir

from detainer import law
from detainer.outcomes import folders, manifest, sources
from detainer.outcomes.counting.of_record import MEASURES_OF
from detainer.outcomes.counting.quality import quality
from detainer.outcomes.counting.spans import spans_of
from detainer.outcomes.deriving.beside import written_beside
from detainer.outcomes.deriving.facilities import suggested, with_places
from detainer.outcomes.deriving.from_record import ROWS, outcomes_of_record
from detainer.outcomes.deriving.lawful import with_law
from detainer.outcomes.deriving.linking import with_links
from detainer.outcomes.deriving.outcome import with_outcome
from detainer.outcomes.engine import Session, session
from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.manifest import OUTCOMES, READING, Input, Manifest, Options, Source, Stage
from detainer.outcomes.progressing import Progress, silent
from detainer.outcomes.publishing import writing
from detainer.outcomes.reading.files import limits_of, look
from detainer.outcomes.reading.reader import Reading, read
from detainer.outcomes.report import page
from detainer.record.published import Windows

# The steps, with the modules that make them; what these import is theirs as well.
_MADE_BY: Final[dict[str, tuple[str, ...]]] = {
    "reading": ("reading.reader",),
    "outcomes": ("deriving.facilities", "deriving.lawful", "deriving.linking", "deriving.outcome", "deriving.beside", "engine"),
    "suggestions": ("deriving.facilities",),
    "measures": ("publishing.writing", "counting.measures"),
    "quality": ("counting.quality",),
    "report": ("report.page",),
}
_DATA: Final[dict[str, tuple[str, ...]]] = {
    "outcomes": ("deriving/data",),
    "suggestions": ("deriving/data",),
    "report": ("report/templates",),
}


def outcomes_of(
    detainers: ir.Table, arrests: ir.Table | None = None, detentions: ir.Table | None = None, windows: Windows | None = None
) -> ir.Table:
    """Return one row per detainer with its place, the law there, its links, its outcome and the evidence for it."""
    placed = with_law(with_places(detainers), of=detainers)
    return with_outcome(with_links(placed, arrests, detentions, windows), windows)


@dataclass
class _Build:
    """A build on its way: its work folder, what an earlier one left at the same place, and the stages done."""

    work: Path
    earlier: Path
    before: Mapping[str, Stage]
    progress: Progress
    stages: list[Stage] = field(default_factory=list)

    def stage(self, name: str, key: str, make: Callable[[], Iterable[Path]]) -> str:
        """Make the files of a step, or take them over from the earlier build; return the key."""
        started = time.monotonic()
        kept = self.before.get(name)
        if kept and kept.key == key and self._is_whole(kept):
            for file in kept.files:
                folders.linked(self.earlier / file, self.work / file)
            self.progress(f"{name}: taken over from the earlier build")
            self.stages.append(kept.model_copy(update={"reused": True, "seconds": 0.0}))
            return key
        files = {str(path.relative_to(self.work)): path.stat().st_size for path in make()}
        self.stages.append(Stage(name=name, key=key, files=files, seconds=round(time.monotonic() - started, 3)))
        return key

    def _is_whole(self, stage: Stage) -> bool:
        files = {self.earlier / name: size for name, size in stage.files.items()}
        return all(path.is_file() and path.stat().st_size == size for path, size in files.items())


def build(files: Sequence[Path], out: Path, options: Options | None = None, progress: Progress = silent) -> Manifest:
    """Build the outcomes of released files into a folder; return its manifest.

    `out` is a folder that is new, empty, or holds an earlier build, which is replaced when the new one is whole. OutcomesError
    says what of the files or options cannot be used, where, and what would be right; then nothing is changed.
    """
    options = options or Options()
    earlier = manifest.read(out) if manifest.is_build(out) else None
    with folders.making(out) as work, _session(options, work) as at_work:
        steps = _Build(work, out.absolute(), {stage.name: stage for stage in earlier.stages} if earlier else {}, progress)
        read_key = steps.stage("reading", _key("reading", _given(files), _of_reading(options)), _reader(files, steps, options))
        told = Reading.model_validate_json((work / READING).read_text(encoding="utf-8"))
        _refuse_without_detainers(told)
        tables = {name: at_work.read_parquet(work / "tables" / f"{name}.parquet") for name in told.tables}

        def write_outcomes() -> Iterable[Path]:
            progress("Linking detainers with arrests and book-ins, and with the law of their places")
            table = outcomes_of(tables["detainers"], tables.get("arrests"), tables.get("detentions"), options.windows)
            derived = [name for name in table.columns if name not in tables["detainers"].columns]
            with tempfile.TemporaryDirectory(dir=work) as scratch:
                path = Path(scratch) / "derived.parquet"
                at_work.write_parquet(table.select("key", *derived), path, order=["key"])
                written_beside(work / "tables" / "detainers.parquet", path, work / OUTCOMES)
            yield work / OUTCOMES

        windows = options.windows.model_dump()
        key = steps.stage("outcomes", _key("outcomes", read_key, windows, law.library().hash), write_outcomes)
        return _finished(
            steps,
            at_work,
            key,
            options,
            counts={name: table.rows for name, table in told.tables.items()},
            rejected={name: table.rejected for name, table in told.tables.items()},
            missing={name: tuple(columns) for name, columns in told.missing.items()},
            inputs=tuple(_input(file) for file in told.files),
            notes=(*told.notes, *(f"{file.name}: {note}" for file in told.files for note in file.notes)),
        )


def build_record(
    batches: Iterable[Sequence[Mapping[str, Any]]], out: Path, options: Options | None = None, progress: Progress = silent
) -> Manifest:
    """Build the outcomes of an exchange's own record from its rows (`deriving.from_record.ROWS`); as `build` does in all else."""
    options = options or Options()
    with folders.making(out) as work, _session(options, work) as at_work:
        progress("Reading the record of the exchange")
        path = work / "tables" / "requests.parquet"
        count = _write_rows(batches, path)
        if not count:
            raise OutcomesError("the record of this exchange has no request yet: there is nothing to count")
        steps = _Build(work, out.absolute(), {}, progress)

        def write_outcomes() -> Iterable[Path]:
            at_work.write_parquet(outcomes_of_record(at_work.read_parquet(path)), work / OUTCOMES)
            yield work / OUTCOMES

        key = steps.stage("outcomes", _key("outcomes", _digest(path)), write_outcomes)
        return _finished(steps, at_work, key, options, counts={"requests": count}, source="exchange")


def _write_rows(batches: Iterable[Sequence[Mapping[str, Any]]], path: Path) -> int:
    """Write the rows of an exchange with a key each; return how many there are."""
    path.parent.mkdir(parents=True)
    count = 0
    with pq.ParquetWriter(path, ROWS.append(pa.field("key", pa.int64())), compression="zstd") as writer:
        for rows in batches:
            keyed = [{**row, "key": count + place} for place, row in enumerate(rows)]
            writer.write_table(pa.Table.from_pylist(keyed, schema=ROWS.append(pa.field("key", pa.int64()))))
            count += len(rows)
    return count


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _finished(
    steps: _Build,
    at_work: Session,
    key: str,
    options: Options,
    *,
    counts: dict[str, int],
    source: Source = "published",
    **told: Any,
) -> Manifest:
    """Make what follows from the table of outcomes, and write the manifest."""
    work, progress, measures = steps.work, steps.progress, MEASURES_OF[source]
    table = at_work.read_parquet(work / OUTCOMES)
    spans = spans_of(table)

    def suggest() -> Iterable[Path]:
        progress("Suggesting counties for facilities without a known code")
        suggested(table).to_csv(work / "suggestions.csv")
        yield work / "suggestions.csv"

    def publish() -> Iterable[Path]:
        progress("Counting every measure")
        yield from writing.publish(table, spans, options.threshold, work / "measures", source)

    def check() -> Iterable[Path]:
        progress("Checking the quality of the data")
        found = quality(table, spans=spans, missing=told.get("missing"), rejected=told.get("rejected"))
        (work / "quality.json").write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
        yield work / "quality.json"

    made = Manifest(
        source=source,
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        versions=sources.versions(),
        law=law.library().hash,
        options=options,
        counts=counts,
        releases=spans,
        **told,
    )

    def write_report() -> Iterable[Path]:
        progress("Writing the report")
        page.write(work, made)
        yield work / page.NAME

    steps.stage("suggestions", _key("suggestions", key), suggest)
    counted = steps.stage("measures", _key("measures", key, options.threshold, sorted(measures)), publish)
    checked = steps.stage("quality", _key("quality", key, told), check)
    steps.stage("report", _key("report", counted, checked, manifest.words(made)), write_report)
    made = made.model_copy(update={"stages": tuple(steps.stages)})
    manifest.write(work, made)
    return made


def _session(options: Options, work: Path) -> Any:
    return session(options.engine, options.memory, Path(options.spill) if options.spill else work / ".spill")


def _reader(files: Sequence[Path], steps: _Build, options: Options) -> Callable[[], Iterable[Path]]:
    def make() -> Iterable[Path]:
        told = read(
            files,
            steps.work,
            progress=steps.progress,
            release=options.release,
            mix_releases=options.mix_releases,
            order=options.date_order,
            columns=options.columns,
            limits=limits_of(options.unpack_limit),
        )
        (steps.work / READING).write_text(told.model_dump_json(indent=1) + "\n", encoding="utf-8")
        yield steps.work / READING
        yield from sorted((steps.work / "tables").glob("*.parquet"))
        yield from sorted((steps.work / "rejects").glob("*.csv"))

    return make


def _of_reading(options: Options) -> list[Any]:
    return [options.release, options.mix_releases, options.date_order, options.columns]


def _given(files: Sequence[Path]) -> list[list[str]]:
    """Return what a reading follows from in its files: each content, under its path (a folder's name can name the release)."""
    return sorted([look(path).sha256, str(path.absolute())] for path in files)


def _key(step: str, *follows: Any) -> str:
    code = sources.code_of(*(f"detainer.outcomes.{name}" for name in _MADE_BY[step]), data=_DATA.get(step, ()))
    told = json.dumps([step, code, sources.versions(), *follows], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _refuse_without_detainers(told: Reading) -> None:
    if not told.tables.get("detainers") or not told.tables["detainers"].rows:
        each = "; ".join(f"{file.name}: {', '.join(sorted({sheet.table for sheet in file.sheets}))}" for file in told.files)
        raise OutcomesError(
            f"there are no detainers in these files ({each}); outcomes are of detainers: give the release's table of detainers, "
            "and its arrests and detentions beside it"
        )


def _input(file: Any) -> Input:
    return Input(
        name=file.name,
        sha256=file.sha256,
        bytes=file.bytes,
        table=", ".join(sorted({sheet.table for sheet in file.sheets})),
        release=", ".join(file.releases) or None,
        rows=file.rows,
    )
