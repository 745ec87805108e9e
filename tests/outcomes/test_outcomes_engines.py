"""DuckDB and Spark give equal tables: links, outcomes and what is written, on made rows and on the real ones where they are."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from linking_rows import REASONS, arrest, as_read, book_in, detainer, table
from making import make_tables

from detainer.outcomes.deriving.linking import with_links
from detainer.outcomes.deriving.outcome import with_outcome
from detainer.outcomes.engine import ENGINES, Session, session
from detainer.outcomes.errors import OutcomesError
from detainer.record.published import LIFTED, folded

# Ibis 12 calls what DuckDB 2.0 calls old.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Session]]:
    spill = tmp_path_factory.mktemp("spill")
    with pytest.MonkeyPatch.context() as environment:
        # What a short test runs once is not worth the machine's second compiler, nor threads that collect its garbage.
        environment.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with session("duckdb", "1GB", spill) as duckdb, session("spark", "1GB", spill, threads=1) as spark:
            yield {"duckdb": duckdb, "spark": spark}


def both(engines: dict[str, Session], paths: dict[str, Path], out: Path) -> list[dict[str, object]]:
    """Return the outcomes that both engines wrote, after holding the two files equal."""
    for name, at in engines.items():
        read = {kind: at.read_parquet(path) for kind, path in paths.items()}
        linked = with_links(read["detainers"], read.get("arrests"), read.get("detentions"))
        at.write_parquet(with_outcome(linked), out / f"{name}.parquet", order=["key"])
    written = {name: pq.read_table(out / f"{name}.parquet") for name in engines}
    kinds = {name: [(field.name, field.type) for field in each.schema] for name, each in written.items()}
    assert kinds["spark"] == kinds["duckdb"]
    rows = {name: each.to_pylist() for name, each in written.items()}
    assert [row["key"] for row in rows["duckdb"]] == sorted(row["key"] for row in rows["duckdb"]), (
        "in the order that was asked for"
    )
    assert rows["spark"] == rows["duckdb"]
    return rows["duckdb"]


def test_the_engines_agree_on_made_tables(engines: dict[str, Session], tmp_path: Path) -> None:
    made = make_tables(tmp_path / "made", 400)
    paths = {name: as_read(getattr(made, name), tmp_path / f"{name}.parquet") for name in ("detainers", "arrests", "detentions")}
    rows = both(engines, paths, tmp_path)
    assert {row["outcome"] for row in rows} >= {"handed_over", "declined", "released", "withdrawn", "duplicate", "unknown"}
    assert {row["evidence"] for row in rows} >= {"stated", "linked", "both", "none"}


def test_the_engines_agree_on_odd_words_and_on_rows_at_one_moment(engines: dict[str, Session], tmp_path: Path) -> None:
    odd = [None, " ", "\u00a0", "detainer \t declined  by lea", "Nobody knows", *REASONS]
    rows = {
        "detainers": [detainer(day, detainer_lift_reason=said) for day in (0, 0, 3) for said in odd],
        "arrests": [arrest(2, apprehension_method=method) for method in ("Located", " custodial  arrest", None)],
        "detentions": [book_in(4), book_in(4), book_in(-3)],
    }
    paths = {kind: tmp_path / f"{kind}.parquet" for kind in rows}
    for kind, path in paths.items():
        pq.write_table(table(kind, rows[kind]).to_pyarrow(), path)
    both(engines, paths, tmp_path)


if SHARED.is_dir():  # beside a developer's checkout

    def test_the_engines_agree_on_pennsylvania_and_every_lift_reason_of_it_is_read(
        engines: dict[str, Session], tmp_path: Path
    ) -> None:
        real = pq.read_table(SHARED / "pa_detainers.parquet")
        names = {"date": "detainer_prepare_date", "lift_reason": "detainer_lift_reason"}
        real = real.rename_columns([names.get(name, name) for name in real.column_names])
        given = {"file_original": "pa", "sheet_original": "pa"}
        for name, value in given.items():
            real = real.append_column(name, [[value] * real.num_rows])
        real = real.append_column("row_original", [list(range(real.num_rows))])
        pq.write_table(real, tmp_path / "pa.parquet")
        rows = both(engines, {"detainers": as_read(tmp_path / "pa.parquet", tmp_path / "read.parquet", "PA")}, tmp_path)
        assert len(rows) == 32_757
        assert not {row["why"] for row in rows} - {"lift_reason", "blank"}, (
            "no reason is unlisted, and without an id nothing is linked"
        )
        said = Counter(folded(row["detainer_lift_reason"]) for row in rows)  # type: ignore[arg-type]
        assert (said[None], said["LIFTED"], said["CASE CLOSED"], said["DIED"]) == (11_229, 1_220, 1_457, 22)
        counted = Counter(row["outcome"] for row in rows)
        assert counted == Counter(LIFTED[reason].outcome if reason else "unknown" for reason in said.elements())


def test_what_spark_writes_in_parts_becomes_one_file_in_the_order_that_was_asked_for(
    engines: dict[str, Session], tmp_path: Path
) -> None:
    from pyspark.sql import SparkSession

    words = [f"{number * 37 % 100:02}" for number in range(100)]
    pq.write_table(pa.table({"word": words}), tmp_path / "words.parquet")
    settings = SparkSession.active().conf
    settings.set("spark.sql.adaptive.coalescePartitions.enabled", "false")  # which makes one part of what is small
    try:
        table = engines["spark"].read_parquet(tmp_path / "words.parquet")
        table.order_by("word").to_parquet(str(tmp_path / "parts"))
        engines["spark"].write_parquet(table, tmp_path / "whole.parquet", order=["word"])
    finally:
        settings.unset("spark.sql.adaptive.coalescePartitions.enabled")
    assert len(list((tmp_path / "parts").glob("part-*.parquet"))) > 2, "Spark does write it in several parts"
    assert pq.read_table(tmp_path / "whole.parquet")["word"].to_pylist() == sorted(words)


def test_what_fits_neither_into_the_memory_nor_into_the_folder_is_told(tmp_path: Path) -> None:
    told = r"too little memory \(20MB\).*--memory 4GB.*--spill DIR"
    with pytest.raises(OutcomesError, match=told), session(memory="20MB", spill=tmp_path) as at:
        at.connection.con.execute("SELECT list(range) FROM range(10_000_000)").fetchall()


def test_a_file_that_goes_away_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"row": [1]}), path)

    def copied() -> None:
        with session() as at:
            read = at.read_parquet(path)
            path.unlink()
            at.write_parquet(read, tmp_path / "copy.parquet")

    with pytest.raises(OutcomesError, match=r"cannot read or write a file.*rows\.parquet"):
        copied()


def test_an_engine_that_is_not_known_and_a_memory_that_is_no_amount_are_named() -> None:
    with pytest.raises(OutcomesError, match=f"oracle.*{ENGINES[0]}"), session("oracle"):  # type: ignore[arg-type]
        pass
    with pytest.raises(OutcomesError, match="plenty"), session(memory="plenty"):
        pass


def test_a_table_that_an_earlier_step_did_not_write_is_named(tmp_path: Path) -> None:
    with session() as at, pytest.raises(OutcomesError, match=r"arrests\.parquet.*earlier step"):
        at.read_parquet(tmp_path / "arrests.parquet")


def test_moments_that_a_file_says_to_be_utc_come_back_as_the_local_times_they_are(tmp_path: Path) -> None:
    made = make_tables(tmp_path, 50)
    with session() as at:
        read = at.read_parquet(made.arrests)
        assert read.apprehension_date_time.type().timezone is None
        told = read.apprehension_date_time.to_pyarrow().to_pylist()
    assert told == [moment.replace(tzinfo=None) for moment in pq.read_table(made.arrests)["apprehension_date_time"].to_pylist()]
