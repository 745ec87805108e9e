"""A build holds everything or nothing; figures come out of its rows; the unchanged is taken over, the wrong is told."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from making import Made, make_tables

from detainer.outcomes import MEASURES, OutcomesError, build, manifest, measure, session, spans_of
from detainer.outcomes.counting.tabulating import tabulate
from detainer.outcomes.manifest import Manifest, Options
from detainer.record.published import Windows

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # Ibis 12 calls what DuckDB 2.0 calls old
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def files(made: Made) -> list[Path]:
    return [made.detainers, made.arrests, made.detentions]


def copied(built: Path, tmp_path: Path) -> Path:
    """A build of one's own, as it was made."""
    return shutil.copytree(built, tmp_path / "outcomes")


def told(folder: Path) -> dict[str, bytes]:
    """What a build says: every published table and the quality report, by name."""
    names = [*sorted((folder / "measures").iterdir()), folder / "suggestions.csv", folder / "quality.json"]
    return {path.name: path.read_bytes() for path in names if path.suffix != ".parquet"}


def reused(made: Manifest) -> dict[str, bool]:
    return {stage.name: stage.reused for stage in made.stages}


def rows(query: str) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(query).fetchall()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_tables(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def built(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "outcomes"
    build(files(made), folder)
    return folder


def test_a_build_has_the_tables_the_outcomes_the_measures_the_quality_and_the_report(built: Path) -> None:
    for name in ("tables/detainers.parquet", "rejects/detainers.csv", "outcomes.parquet", "quality.json", "suggestions.csv"):
        assert (built / name).is_file(), name
    assert "<html" in (built / "report.html").read_text("utf-8")
    for name in MEASURES:
        assert (built / "measures" / f"{name}.parquet").is_file(), name
        assert (built / "measures" / f"{name}_by_state.csv").is_file(), name
    assert not list(built.parent.glob(".*")), "nothing is left beside it"


def test_the_manifest_tells_the_files_the_options_the_versions_and_the_law(built: Path, made: Made) -> None:
    found = manifest.read(built)
    assert [one.name for one in found.inputs] == ["arrests.parquet", "detainers.parquet", "detentions.parquet"]
    assert found.counts["detainers"] == 200
    assert found.versions.keys() >= {"detainer", "duckdb", "python"}
    assert len(found.law) == 64
    [span] = found.releases
    assert (span.arrests, span.book_ins) == (True, True)
    whole = {str(path.relative_to(built)) for path in built.rglob("*") if path.is_file()}
    assert whole - {name for stage in found.stages for name in stage.files} == {manifest.NAME}


def test_every_detainer_has_one_row_with_its_outcome_and_where_it_stands_in_its_file(built: Path) -> None:
    [(count, ids, without)] = rows(
        "SELECT count(*), count(DISTINCT key), count(*) FILTER (outcome IS NULL OR evidence IS NULL OR row IS NULL)"
        f" FROM '{built}/outcomes.parquet'"
    )
    assert (count, ids, without) == (200, 200, 0)


def test_each_measure_of_each_breakdown_is_what_the_measure_alone_counts(built: Path) -> None:
    with session() as at_work:
        table = at_work.read_parquet(built / "outcomes.parquet")
        spans = spans_of(table)
        few = ((), ("facility",), ("law_hold", "law_notify"), ("state", "month"))  # the other breakdowns are of these shapes
        for each in tabulate(table, spans, few):
            alone = measure(each.measure, table, each.by, spans=spans).to_pyarrow()
            assert each.table.to_pylist() == alone.to_pylist(), (each.measure, each.by)


def test_the_parts_of_the_outcomes_and_what_is_not_known_add_up_to_the_rows(made: Made, built: Path, tmp_path: Path) -> None:
    out = copied(built, tmp_path)
    build(files(made), out, Options(threshold=0))
    parts = pq.read_table(out / "measures" / "outcome_mix.parquet").to_pylist()
    [(singles,)] = rows(f"SELECT count(*) FROM '{out}/outcomes.parquet' WHERE duplicate_of IS NULL")
    assert sum(part["numerator"] for part in parts) == parts[0]["denominator"]
    assert parts[0]["denominator"] + parts[0]["unknown"] + parts[0]["open"] == singles


def test_a_count_below_the_threshold_is_not_published(built: Path) -> None:
    for path in (built / "measures").glob("*_by_*.parquet"):
        shown = pq.read_table(path)
        for name in ("numerator", "denominator", "unknown", "open"):
            if name in shown.column_names:
                assert not [count for count in shown.column(name).to_pylist() if count and count < 11], (path.name, name)


def test_a_second_build_takes_over_what_is_unchanged(made: Made, built: Path, tmp_path: Path) -> None:
    out = copied(built, tmp_path)
    assert not any(reused(manifest.read(out)).values())
    before = told(out)
    assert all(reused(build(files(made), out)).values())
    assert told(out) == before
    fewer = reused(build(files(made), out, Options(threshold=5)))
    assert [name for name, is_reused in fewer.items() if not is_reused] == ["measures", "report"]
    other = reused(build(files(made), out, Options(windows=Windows(hand_over=30))))
    assert (other["reading"], other["outcomes"], other["measures"]) == (True, False, False)


def test_a_file_that_was_changed_in_the_folder_is_made_again(made: Made, built: Path, tmp_path: Path) -> None:
    out = copied(built, tmp_path)
    (out / "suggestions.csv").write_text("changed by hand")
    again = build(files(made), out)
    assert not reused(again)["suggestions"]
    assert (out / "suggestions.csv").read_text() != "changed by hand"


def test_a_file_given_twice_changes_nothing(made: Made, built: Path, tmp_path: Path) -> None:
    again = tmp_path / "copy.parquet"
    again.write_bytes(made.detainers.read_bytes())
    build([*files(made), again, made.detainers], tmp_path / "outcomes")
    assert told(tmp_path / "outcomes") == told(built)


def test_the_order_of_rows_changes_nothing(made: Made, tmp_path: Path) -> None:
    counts = []
    for name, step in (("forward", 1), ("backward", -1)):
        folder = tmp_path / name
        folder.mkdir()
        shuffled = []
        for path in files(made):
            table = pq.read_table(path)
            pq.write_table(table.take(pa.array(range(table.num_rows)[::step])), folder / path.name)
            shuffled.append(folder / path.name)
        build(shuffled, folder / "outcomes", Options(release="one"))
        counts.append(told(folder / "outcomes"))
    assert counts[0] == counts[1]


def test_a_class_never_depends_on_a_column_that_is_missing(made: Made, tmp_path: Path) -> None:
    table = pq.read_table(made.detainers)
    kept = ["detainer_prepare_date", "detention_facility", "facility_state", "detainer_lift_reason", "file_original"]
    pq.write_table(table.select(kept), tmp_path / "few.parquet")
    found = build([tmp_path / "few.parquet"], tmp_path / "outcomes")
    assert "unique_identifier" in found.missing["detainers"]
    linked = rows(f"SELECT count(*) FROM '{tmp_path}/outcomes/outcomes.parquet' WHERE evidence IN ('linked', 'both')")
    assert linked == [(0,)]
    blank = rows(f"SELECT DISTINCT outcome FROM '{tmp_path}/outcomes/outcomes.parquet' WHERE detainer_lift_reason IS NULL")
    assert blank == [("unknown",)]


def test_files_without_detainers_are_refused_and_nothing_is_left(made: Made, tmp_path: Path) -> None:
    with pytest.raises(OutcomesError, match=r"no detainers in these files \(arrests.parquet: arrests\)"):
        build([made.arrests], tmp_path / "outcomes")
    assert list(tmp_path.iterdir()) == []


def test_two_releases_are_refused_unless_they_are_mixed_knowingly(made: Made, tmp_path: Path) -> None:
    other = make_tables(tmp_path / "other", detainers=50, seed=5, release="2098-ICLI-00002")
    both = [made.detainers, other.detainers]
    with pytest.raises(OutcomesError, match="2 releases"):
        build(both, tmp_path / "outcomes")
    mixed = build(both, tmp_path / "outcomes", Options(mix_releases=True))
    assert [span.name for span in mixed.releases] == ["2098-ICLI-00002", "2099-ICLI-00001"]


def test_a_folder_that_is_no_build_is_refused_and_left_as_it_is(made: Made, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(OutcomesError, match="is not empty and holds no build"):
        build(files(made), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]
    with pytest.raises(OutcomesError, match="is a file"):
        build(files(made), tmp_path / "letters.txt")


def test_a_folder_without_a_manifest_is_no_build(tmp_path: Path) -> None:
    with pytest.raises(OutcomesError, match="not a build"):
        manifest.read(tmp_path)
    (tmp_path / manifest.NAME).write_text('{"form": 1}')
    with pytest.raises(OutcomesError, match=r"made_at Field required"):
        manifest.read(tmp_path)
    with pytest.raises(OutcomesError, match="no such folder"):
        manifest.read(tmp_path / "nowhere")


def test_a_build_that_fails_leaves_the_earlier_one_as_it_was(made: Made, built: Path, tmp_path: Path) -> None:
    out = copied(built, tmp_path)
    before = told(out)
    with pytest.raises(OutcomesError):
        build([made.detainers, tmp_path / "nowhere.csv"], out)
    assert told(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["outcomes"]


def started(made: Made, out: Path, at: str = "tables/detainers.parquet", *options: str) -> "subprocess.Popen[bytes]":
    """A real build in a process of its own, seen to be at work on a file."""
    command = [sys.executable, "-m", "detainer.cli", "outcomes", "build", *map(str, files(made)), "--out", str(out), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not list(out.parent.glob(f".{out.name}.building-*/{at}")):
        assert process.poll() is None, "it ended before it began"
        assert time.monotonic() < until
        time.sleep(0.01)
    return process


def test_a_killed_build_leaves_nothing_that_looks_finished_and_the_next_one_clears_up(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "outcomes"
    process = started(made, out)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not out.exists()
    [left] = tmp_path.iterdir()
    assert not manifest.is_build(left)
    build(files(made), out)
    assert [path.name for path in tmp_path.iterdir()] == ["outcomes"]


def test_a_build_that_is_killed_while_an_earlier_one_stands_leaves_that_one(made: Made, built: Path, tmp_path: Path) -> None:
    out = copied(built, tmp_path)
    before = told(out)
    process = started(made, out, "measures/*.csv", "--threshold", "5")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert told(out) == before
    assert manifest.is_build(out)
    assert not [left for left in tmp_path.glob(".*") if manifest.is_build(left)]


@pytest.mark.parametrize(
    ("doing", "options"),
    [
        ("Reading arrests.parquet", Options(release="one")),
        ("Counting every measure", Options(threshold=5)),
        ("Writing the report", Options(threshold=5)),
    ],
)
def test_an_interrupted_build_leaves_the_earlier_one_as_it_was(
    made: Made, built: Path, tmp_path: Path, doing: str, options: Options
) -> None:
    def interrupt(word: str, _part: float | None = None) -> None:
        if word == doing:
            signal.raise_signal(signal.SIGINT)  # as Ctrl-C does

    out = copied(built, tmp_path)
    before = told(out)
    # A shell that starts the tests in the background has them ignore it.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            build(files(made), out, options, interrupt)
    finally:
        signal.signal(signal.SIGINT, ignored)
    assert [path.name for path in tmp_path.iterdir()] == ["outcomes"]
    assert told(out) == before
    assert manifest.is_build(out)


def test_a_build_for_which_the_disk_has_no_room_is_told_and_leaves_nothing(made: Made, tmp_path: Path) -> None:
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, kept[1]))
    try:
        with pytest.raises(OutcomesError, match=rf"{tmp_path}/outcomes: no room to make it in {tmp_path}"):
            build(files(made), tmp_path / "outcomes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert list(tmp_path.iterdir()) == []


def test_while_one_process_builds_another_is_refused(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "outcomes"
    process = started(made, out)
    try:
        with pytest.raises(OutcomesError, match="another process is building it"):
            build(files(made), out)
    finally:
        process.kill()
        process.wait()


def test_a_build_that_was_about_to_be_replaced_is_put_back(built: Path, tmp_path: Path) -> None:
    out = copied(built, tmp_path)
    out.rename(tmp_path / ".outcomes.earlier-1")  # where a kill between the two renames leaves it
    with pytest.raises(OutcomesError):
        build([tmp_path / "nowhere.csv"], out)
    assert manifest.is_build(out)


def test_the_quality_report_names_what_is_missing(built: Path) -> None:
    found = json.loads((built / "quality.json").read_text("utf-8"))
    assert found["rows"] == 200
    assert {check["name"] for check in found["checks"]} >= {"no_id", "copies", "blank_reason"}


if SHARED.is_dir():
    # Lift reasons of 32,757 detainers sent to Pennsylvania, 2007 to 2015, counted from the file itself.
    PENNSYLVANIA = SHARED / "pa_detainers.parquet"

    @pytest.fixture(scope="module")
    def pennsylvania(tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("pa") / "outcomes"
        build([PENNSYLVANIA], folder, Options(release="NPR-2015", threshold=0))
        return folder

    def test_pennsylvania_has_its_lift_reasons_by_year(pennsylvania: Path) -> None:
        said = rows(
            f"SELECT lift_reason, year(date), count(*) FROM '{PENNSYLVANIA}' GROUP BY ALL ORDER BY ALL",
        )
        found = rows(
            f"SELECT detainer_lift_reason, year(detainer_prepare_date), count(*) FROM '{pennsylvania}/outcomes.parquet' "
            "GROUP BY ALL ORDER BY ALL",
        )
        assert found == said
        assert sum(count for *_rest, count in found) == 32_757

    def test_a_blank_in_pennsylvania_is_unknown_and_nothing_is_a_copy(pennsylvania: Path) -> None:
        blank = rows(
            f"SELECT outcome, evidence, count(*) FROM '{pennsylvania}/outcomes.parquet' "
            "WHERE detainer_lift_reason IS NULL GROUP BY ALL"
        )
        assert blank == [("unknown", "none", 11_229)]
        copies = rows(f"SELECT count(*) FROM '{pennsylvania}/outcomes.parquet' WHERE duplicate_of IS NOT NULL")
        assert copies == [(0,)]

    def test_pennsylvanias_raw_file_says_the_same(pennsylvania: Path, tmp_path: Path) -> None:
        build([SHARED / "pa_detainers_raw.csv.gz"], tmp_path / "raw", Options(release="NPR-2015", threshold=0))
        assert told(tmp_path / "raw") == told(pennsylvania)

    def test_the_sample_in_the_full_schema_is_all_declined(tmp_path: Path) -> None:
        build([SHARED / "ddp_detainers_full_schema_sample.csv"], tmp_path / "sample", Options(threshold=0))
        found = rows(f"SELECT outcome, state, count(*) FROM '{tmp_path}/sample/outcomes.parquet' GROUP BY ALL")
        assert found == [("declined", "MN", 22)]

    def test_tables_without_detainers_are_refused_by_name(tmp_path: Path) -> None:
        with pytest.raises(OutcomesError, match="no detainers in these files"):
            build([SHARED / "ero_arrests_fy2016_fy2018.parquet"], tmp_path / "outcomes")

    def test_tables_of_the_generator_are_built_with_all_five(tmp_path: Path) -> None:
        made = tmp_path / "made"
        command = [sys.executable, str(SHARED / "make_foia_like.py"), "--out", str(made), "--scale", "0.01"]
        subprocess.run(command, check=True, capture_output=True)
        given = sorted(made.glob("*.parquet"))
        found = build(given, tmp_path / "one", Options(release="made"))
        assert list(found.counts.values()) == [4_000, 4_000, 12_000, 6_000, 10_000]
