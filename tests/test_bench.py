"""The measures of docs/performance.md can be taken: every part makes its figures. What they are is not tested here."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench"


def test_every_part_of_the_bench_makes_its_figures(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, str(BENCH / "exchange.py"), "--quick", "--steps", "--json", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    assert [figure["what"].split()[0] for figure in figures] == ["lodge", "lodge", "roster", "roster", "board", "all", "feed"]
    assert all(figure["ours"] > 0 and figure["theirs"] > 0 and figure["ratio"] > 0 for figure in figures)
    assert "**by API**" in done.stdout


def test_a_backlog_of_deliveries_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    command = [sys.executable, str(BENCH / "delivery.py"), "--quick", "backlog", "--json", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    drained, bare, rate = (figure["numbers"] for figure in json.loads(out.read_text()))
    assert (drained["deliveries"], bare["per second"] > 0, rate["ratio"] > 0) == (60, True, True)
