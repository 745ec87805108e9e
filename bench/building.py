"""How long a whole build of the outcomes takes: five tables, every measure and the report, beside the bare decode of them all.

Run `python bench/building.py --scale 0.1 1 4 --memory 1GB`; it prints Markdown. Tables are made as by `bench/outcomes.py`. The
decode reads every column of every table with Arrow and lets go of it. Each is a process of its own: wall time, processor time
and peak memory are of the whole of it, with its imports. On a busy machine compare processor time.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from detainer.outcomes.manifest import OUTCOMES
from outcomes import generated

TABLES = ("detainers", "arrests", "detention_stints", "removals", "encounters")
GENERATOR = Path(__file__).parents[2] / "shared" / "data" / "make_foia_like.py"
DECODE = """
import sys, pyarrow.parquet as pq
for path in sys.argv[1:]:
    file = pq.ParquetFile(path)
    for group in range(file.metadata.num_row_groups):
        for batch in file.iter_batches(row_groups=[group]):
            assert batch.num_rows
"""


def measured(command: list[str]) -> tuple[float, float, float]:
    """Return wall and processor seconds and peak megabytes of a command, the whole of its process; it must not fail."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, f"{command} ended with {child.returncode}"
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def middle(runs: list[tuple[float, float, float]]) -> tuple[float, ...]:
    """Return the median of each figure of several runs."""
    return tuple(statistics.median(figures) for figures in zip(*runs, strict=True))


def compared(tables: Path, out: Path, memory: str, repeats: int) -> str:
    """Return a line of the table: the build of a scale beside its decode, in turns."""
    files = [str(tables / f"{name}.parquet") for name in TABLES]
    build = [sys.executable, "-m", "detainer.cli", "outcomes", "build", *files, "--out", str(out), "--memory", memory]
    decodes, builds = [], []
    for _ in range(repeats):
        decodes.append(measured([sys.executable, "-c", DECODE, *files]))
        shutil.rmtree(out, ignore_errors=True)  # a second build would take over what the first has made
        builds.append(measured(build))
    asked, made = (pq.ParquetFile(path).metadata.num_rows for path in (files[0], out / OUTCOMES))
    assert asked == made, f"{made} outcomes of {asked} detainers"
    (wall, cpu, peak), (least, least_cpu, _) = middle(builds), middle(decodes)
    return (
        f"| {tables.name.removeprefix('foia-')} | {cpu:.1f} | {wall:.1f} | {peak:,.0f} | {least_cpu:.1f} | {least:.1f} "
        f"| {cpu / least_cpu:.1f} | {wall / least:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, nargs="+", default=[1.0])
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/detainer-bench"))
    parser.add_argument("--generator", type=Path, default=GENERATOR)
    asked = parser.parse_args()
    print("| scale | build, processor s | wall | peak, MB | decode, processor s | wall | processor, times | wall, times |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for scale in asked.scale:
        tables = generated(scale, asked.folder, asked.generator)
        print(compared(tables, asked.folder / "built", asked.memory, asked.repeats), flush=True)
    shutil.rmtree(asked.folder / "built", ignore_errors=True)


if __name__ == "__main__":
    main()
