"""How fast every detainer gets its linked outcome: ours beside plain pandas, polars and DuckDB programs, and the bare decode.

Run `python bench/outcomes.py` (scale 1; `--scale 4` and more by asking); it prints Markdown. Tables come from
`make_foia_like.py --scale N` (`--generator`), written to `--folder` once. The result: each detainer's class, the days to its
first arrest and book-in, and counts and medians by facility, state and month; every program's must be the same, and the rows
those of the generator's truth. Each program is a process of its own: wall time, processor time and peak memory are of the whole
of it, with its imports. On a busy machine compare the ratios of one run, and processor time before wall time.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

NEEDED = {
    "detainers": [
        "detainer_prepare_date",
        "unique_identifier",
        "detainer_lift_reason",
        "detention_facility_code",
        "facility_state",
    ],
    "arrests": ["unique_identifier", "apprehension_date_time"],
    "detention_stints": ["unique_identifier", "book_in_date_time"],
}
RELEASED = (
    "NO LONGER IN STATE, LOCAL, OR FEDERAL CUSTODY",
    "EARLY RELEASE",
    "PROSECUTORIAL DISCRETION",
    "CASE CLOSED",
    "NOT AMENABLE TO REMOVAL",
    "NONCITIZEN NOT AMENABLE TO REMOVAL",
    "USC OR PRESUMPTIVE CLAIM TO US CITIZENSHIP",
    "JUDICIAL REVIEW",
)
MEMORY = os.environ.get("DETAINER_MEMORY", "300MB")  # ours; the rest spills beside the output
GROUPS = ("facility", "state", "month")
LIFT = {"BOOKED INTO DETENTION": "booked", "DETAINER DECLINED BY LEA": "declined", **dict.fromkeys(RELEASED, "released")}


def decode(tables: Path, _out: Path) -> None:
    """The least that any program must do: read the needed columns, and let go of them."""
    for name, columns in NEEDED.items():
        file = pq.ParquetFile(tables / f"{name}.parquet")
        for batch in file.iter_batches(columns=columns):
            assert batch.num_rows


def with_pandas(tables: Path, out: Path) -> None:
    import pandas as pd  # noqa: PLC0415 each program pays for its own imports

    detainers, arrests, stints = (pd.read_parquet(tables / f"{name}.parquet", columns=NEEDED[name]) for name in NEEDED)
    detainers["row"] = range(len(detainers))
    detainers["day"] = pd.to_datetime(detainers.detainer_prepare_date)
    asked = detainers.dropna(subset=["unique_identifier", "day"])[["row", "unique_identifier", "day"]]
    for name, events, column in (("arrest", arrests, "apprehension_date_time"), ("book_in", stints, "book_in_date_time")):
        events["on"] = events[column].dt.tz_localize(None).dt.normalize()
        pairs = asked.merge(events.dropna()[["unique_identifier", "on"]], on="unique_identifier")
        pairs["days"] = (pairs.on - pairs.day).dt.days
        detainers[f"{name}_days"] = detainers.row.map(pairs[pairs.days >= 0].groupby("row").days.min())
    lift = detainers.detainer_lift_reason.str.split().str.join(" ").str.upper()
    said = lift.map(LIFT).fillna("other")
    blank = pd.Series("pending", index=detainers.index)
    blank[detainers.arrest_days <= 365] = "arrested_inferred"
    blank[detainers.book_in_days <= 365] = "booked_inferred"
    detainers["outcome"] = said.where(lift.notna(), blank)
    detainers["facility"] = detainers.detention_facility_code.str.strip().str.upper()
    detainers["state"] = detainers.facility_state.str.split().str.join(" ").str.upper()
    detainers["month"] = detainers.day.dt.to_period("M").dt.to_timestamp()
    detainers[["row", "outcome", "arrest_days", "book_in_days"]].to_parquet(out / "rows.parquet")
    for by in GROUPS:
        grouped = detainers.groupby(by, dropna=False).agg(
            n=("row", "size"),
            booked=("book_in_days", "count"),
            book_in=("book_in_days", "median"),
            arrest=("arrest_days", "median"),
        )
        grouped.reset_index().to_parquet(out / f"{by}.parquet")


def with_polars(tables: Path, out: Path) -> None:
    import polars as pl  # noqa: PLC0415

    detainers, arrests, stints = (pl.scan_parquet(tables / f"{name}.parquet").select(NEEDED[name]) for name in NEEDED)

    def folded(name: str) -> pl.Expr:
        return pl.col(name).str.replace_all(r"\s+", " ").str.strip_chars().str.to_uppercase()

    detainers = detainers.with_row_index("row").with_columns(day=pl.col("detainer_prepare_date"))
    asked = detainers.filter(pl.col("unique_identifier").is_not_null(), pl.col("day").is_not_null())
    linked = detainers
    for name, events, column in (("arrest", arrests, "apprehension_date_time"), ("book_in", stints, "book_in_date_time")):
        told = events.filter(pl.col("unique_identifier").is_not_null()).select("unique_identifier", on=pl.col(column).dt.date())
        pairs = asked.select("row", "unique_identifier", "day").join(told, on="unique_identifier")
        pairs = pairs.filter(pl.col("on") >= pl.col("day"))
        days = pairs.group_by("row").agg(((pl.col("on") - pl.col("day")).dt.total_days()).min().alias(f"{name}_days"))
        linked = linked.join(days, on="row", how="left")
    blank = (
        pl.when(pl.col("book_in_days") <= 365)
        .then(pl.lit("booked_inferred"))
        .when(pl.col("arrest_days") <= 365)
        .then(pl.lit("arrested_inferred"))
        .otherwise(pl.lit("pending"))
    )
    said = folded("detainer_lift_reason").replace_strict(LIFT, default="other", return_dtype=pl.String)
    found = linked.select(
        "row",
        "arrest_days",
        "book_in_days",
        outcome=pl.when(pl.col("detainer_lift_reason").is_null()).then(blank).otherwise(said),
        facility=folded("detention_facility_code"),
        state=folded("facility_state"),
        month=pl.col("day").dt.truncate("1mo"),
    ).collect(engine="streaming")
    found.select("row", "outcome", "arrest_days", "book_in_days").write_parquet(out / "rows.parquet")
    for by in GROUPS:
        grouped = found.group_by(by).agg(
            n=pl.len(),
            booked=pl.col("book_in_days").count(),
            book_in=pl.col("book_in_days").median(),
            arrest=pl.col("arrest_days").median(),
        )
        grouped.write_parquet(out / f"{by}.parquet")


def with_duckdb(tables: Path, out: Path) -> None:
    import duckdb  # noqa: PLC0415

    def fold(name: str) -> str:
        return f"upper(trim(regexp_replace({name}, '\\s+', ' ', 'g')))"

    def first(name: str, column: str) -> str:
        return f"""(SELECT d.row, min(date_diff('day', day, e.{column}::DATE)) AS days
            FROM d JOIN '{tables}/{name}.parquet' e USING (unique_identifier) WHERE e.{column}::DATE >= day GROUP BY d.row)"""

    lifts = " ".join(f"WHEN '{said}' THEN '{read}'" for said, read in LIFT.items())
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"""
        CREATE TABLE found AS
        WITH d AS (SELECT file_row_number AS row, detainer_prepare_date AS day, unique_identifier, detainer_lift_reason,
                detention_facility_code, facility_state
            FROM read_parquet('{tables}/detainers.parquet', file_row_number = true))
        SELECT d.row, a.days AS arrest_days, b.days AS book_in_days, CASE WHEN detainer_lift_reason IS NOT NULL
                THEN CASE {fold("detainer_lift_reason")} {lifts} ELSE 'other' END
                WHEN b.days <= 365 THEN 'booked_inferred' WHEN a.days <= 365 THEN 'arrested_inferred'
                ELSE 'pending' END AS outcome,
            {fold("detention_facility_code")} AS facility, {fold("facility_state")} AS state, date_trunc('month', day) AS month
        FROM d LEFT JOIN {first("arrests", "apprehension_date_time")} a ON a.row = d.row
            LEFT JOIN {first("detention_stints", "book_in_date_time")} b ON b.row = d.row""")
    rows = f"COPY (SELECT row, outcome, arrest_days, book_in_days FROM found) TO '{out}/rows.parquet'"
    connection.execute(rows)
    for by in GROUPS:
        connection.execute(f"""COPY (SELECT {by}, count(*) AS n, count(book_in_days) AS booked, median(book_in_days) AS book_in,
            median(arrest_days) AS arrest FROM found GROUP BY {by}) TO '{out}/{by}.parquet'""")


def ours(tables: Path, out: Path) -> None:
    import ibis  # noqa: PLC0415

    from detainer.outcomes.deriving.linking import beside, nearest, reading, requests, word  # noqa: PLC0415
    from detainer.outcomes.engine import session  # noqa: PLC0415

    def folded(title: str, name: str) -> ibis.Table:
        words = detainers.select(title).distinct()
        return words.select(title, **{name: word(words[title])})

    release = ibis.literal("one")
    with session(memory=MEMORY, spill=out) as at, ExitStack() as held:
        numbered = at.connection.read_parquet(str(tables / "detainers.parquet"), file_row_number=True)
        detainers = numbered.rename(key="file_row_number").select("key", *NEEDED["detainers"], release=release)
        arrests, stints = (at.read_parquet(tables / f"{name}.parquet").mutate(release=release) for name in list(NEEDED)[1:])
        asked = requests(detainers)
        links = nearest(asked, {"arrest": arrests, "book_in": stints}, 0).select("key", "arrest_days", "book_in_days")
        linked = beside(detainers, held.enter_context(links.cache()))
        linked = beside(linked, reading(detainers, "detainer_lift_reason", "said", LIFT, "other"), "detainer_lift_reason")
        linked = beside(linked, folded("facility_state", "state"), "facility_state")
        linked = beside(linked, folded("detention_facility_code", "facility"), "detention_facility_code")
        outcome = ibis.cases(
            (linked.said.notnull(), linked.said),
            (linked.book_in_days <= 365, "booked_inferred"),
            (linked.arrest_days <= 365, "arrested_inferred"),
            else_="pending",
        )
        month = linked.detainer_prepare_date.truncate("M")
        found = linked.select("arrest_days", "book_in_days", "facility", "state", row="key", outcome=outcome, month=month)
        found = held.enter_context(found.cache())
        at.write_parquet(found.select("row", "outcome", "arrest_days", "book_in_days"), out / "rows.parquet")
        for by in GROUPS:
            grouped = found.group_by(by).agg(
                n=found.count(),
                booked=found.book_in_days.count(),
                book_in=found.book_in_days.median(),
                arrest=found.arrest_days.median(),
            )
            at.write_parquet(grouped, out / f"{by}.parquet")


PROGRAMS: dict[str, Callable[[Path, Path], None]] = {
    "bare decode": decode,
    "pandas": with_pandas,
    "polars": with_polars,
    "DuckDB": with_duckdb,
    "ours": ours,
}


def measured(name: str, tables: Path, out: Path) -> dict[str, Any]:
    """Return wall and processor seconds and peak megabytes of one program, the whole of its process."""
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, __file__, "--one", name, "--tables", str(tables), "--out", str(out)])
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, f"{name} failed on {tables}"
    return {"name": name, "wall": wall, "cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}


def agreed(tables: Path, folders: dict[str, Path]) -> int:
    """Return on how many rows every program gives what the truth says; fail on a row or a group where one does not."""
    truth = pq.read_table(tables / "truth" / "detainers.parquet", columns=["obs_outcome", "obs_arrest_days", "obs_bookin_days"])
    for name, folder in folders.items():
        rows = pq.read_table(folder / "rows.parquet").sort_by("row")
        for ours_, theirs in (
            ("outcome", "obs_outcome"),
            ("arrest_days", "obs_arrest_days"),
            ("book_in_days", "obs_bookin_days"),
        ):
            found, true = rows[ours_].to_numpy(zero_copy_only=False), truth[theirs].to_numpy(zero_copy_only=False)
            same = (found == true) | ((found != found) & (true != true)) if ours_ != "outcome" else found == true  # noqa: PLR0124
            assert same.all(), f"{name}: {ours_} differs from the truth on {(~same).sum()} rows"
    tellings = {(by, grouped(folder / f"{by}.parquet", by)) for by in GROUPS for folder in folders.values()}
    assert len(tellings) == len(GROUPS), f"the groups of {', '.join(folders)} differ"
    return int(truth.num_rows)


def grouped(path: Path, by: str) -> tuple[tuple[Any, ...], ...]:
    """Return the groups of one program, in one order and in one type."""
    rows = pq.read_table(path, columns=[by, "n", "booked", "book_in", "arrest"]).to_pylist()
    plain = [(str(row[by])[:10] if by == "month" and row[by] else row[by] or None, *list(row.values())[1:]) for row in rows]
    numbers = [
        (group, int(n), int(booked), *(None if x is None or math.isnan(x) else float(x) for x in more))
        for group, n, booked, *more in plain
    ]
    return tuple(sorted(((str(group), *rest) for group, *rest in numbers), key=str))


def generated(scale: float, folder: Path, generator: Path) -> Path:
    """Return the folder of the generator's tables at a scale, made on first use."""
    tables = folder / f"foia-{scale:g}"
    if not (tables / "truth" / "summary.json").is_file():
        subprocess.run(
            [sys.executable, str(generator), "--out", str(tables), "--scale", str(scale)], check=True, stdout=sys.stderr
        )
    return tables


def engines(folder: Path, rows: int) -> None:
    """Build made rows wholly by each engine, and print how long each took and which of their files differ.

    On few rows Spark's time is the compiling of Java for each of its queries: here it interprets them.
    """
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "outcomes"))
    from making import make_tables  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    from detainer.outcomes.building import build  # noqa: PLC0415
    from detainer.outcomes.engine import ENGINES  # noqa: PLC0415
    from detainer.outcomes.manifest import OUTCOMES, Options  # noqa: PLC0415

    builder = SparkSession.builder.master("local[2]").config("spark.sql.codegen.wholeStage", "false")
    builder = builder.config("spark.sql.codegen.factoryMode", "NO_CODEGEN").config("spark.sql.adaptive.enabled", "false")
    builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR").getOrCreate()
    made = make_tables(folder / "made", rows)
    for engine in ENGINES:
        began = time.perf_counter()
        build([made.detainers, made.arrests, made.detentions], folder / engine, Options(engine=engine, threshold=3))
        print(f"{engine}: {time.perf_counter() - began:.1f} s", flush=True)
    first, *others = (folder / engine for engine in ENGINES)
    names = sorted(str(path.relative_to(first)) for path in [*(first / "measures").glob("*.csv"), first / "quality.json"])
    for other in others:
        differ = [name for name in names if (first / name).read_bytes() != (other / name).read_bytes()]
        same = pq.read_table(first / OUTCOMES).equals(pq.read_table(other / OUTCOMES))
        print(f"{other.name}: {len(names)} files, {len(differ)} differ: {differ}; outcomes {'equal' if same else 'differ'}")
        assert same, "the outcomes differ"
        assert not differ, "the measures differ"


def report(scale: float, rows: int, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Print the figures of one scale as Markdown, medians of the repeats, and return them."""
    figures = []
    for name in PROGRAMS:
        mine = [run for run in runs if run["name"] == name]
        if mine:
            middle = {key: statistics.median(run[key] for run in mine) for key in ("wall", "cpu", "megabytes")}
            figures.append({"scale": scale, "name": name, **middle, "repeats": len(mine)})
    print(f"\n**Scale {scale:g}**: {rows:,} detainers; every program agrees with the truth on every row and group.\n")
    print("| program | wall, s | processor, s | peak memory, MB |\n|---|---:|---:|---:|")
    for one in figures:
        print(f"| {one['name']} | {one['wall']:.2f} | {one['cpu']:.2f} | {one['megabytes']:.0f} |")
    by = {one["name"]: one for one in figures}
    others = [by[name] for name in ("pandas", "polars", "DuckDB") if name in by]
    if others and "ours" in by:
        best = min(others, key=lambda one: one["wall"])
        mine = by["ours"]
        print(
            f"\nOurs takes {mine['wall'] / best['wall']:.2f} of the wall time of the best of them ({best['name']}), "
            f"{mine['cpu'] / min(one['cpu'] for one in others):.2f} of the least processor time, "
            f"{mine['wall'] / by['bare decode']['wall']:.1f} times the bare decode"
            + (f", and {mine['megabytes'] / by['polars']['megabytes']:.2f} of polars' memory." if "polars" in by else ".")
        )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, nargs="+", default=[1.0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--programs", nargs="+", default=list(PROGRAMS), choices=list(PROGRAMS))
    parser.add_argument("--folder", type=Path, default=Path("/tmp/detainer-bench"))
    parser.add_argument("--generator", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "make_foia_like.py")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--engines", type=int, metavar="ROWS", help="hold a whole build by Spark equal to DuckDB's instead")
    parser.add_argument("--one", choices=list(PROGRAMS), help=argparse.SUPPRESS)
    parser.add_argument("--tables", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        PROGRAMS[asked.one](asked.tables, asked.out)
        return
    if asked.engines:
        with tempfile.TemporaryDirectory() as scratch:
            engines(Path(scratch), asked.engines)
        return
    figures = []
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "polars", "pandas", "pyarrow"))
    )
    for scale in asked.scale:
        tables = generated(scale, asked.folder, asked.generator)
        out = asked.folder / "out"
        # One round after the other, so that a busy minute falls on all of them.
        runs = [measured(name, tables, out / name) for _ in range(asked.repeats) for name in asked.programs]
        rows = agreed(tables, {name: out / name for name in asked.programs if name != "bare decode"})
        figures += report(scale, rows, runs)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
