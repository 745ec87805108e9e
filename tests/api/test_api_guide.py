"""docs/api.md: what it prints runs as printed, and what it names is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from detainer.exchange.refusals import TYPES
from serving_making import free_port

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def told(served: Any, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each example of the guide prints, run in order, in one shell, against a running demo."""
    end = "--- the next example ---"
    script = f"\necho '{end}'\n".join(EXAMPLES).replace("http://127.0.0.1:8000", served.url).replace("9000", str(free_port()))
    ran = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=tmp_path_factory.mktemp("guide"),
        env={**os.environ, "DETAINER_DATA": str(served.data), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    return ran.stdout.split(f"{end}\n")


def test_the_guides_examples_work_as_printed(told: list[str]) -> None:
    me, facilities, lodged, answers, course, again, feed, hooks, roster, refused, ready = told
    assert json.loads(me)["roles"] == ["auditor", "officer"]
    assert "ESSEXMA" in facilities
    assert json.loads(lodged)["version"] == 2
    assert "hold must_not" in answers
    assert "notify may" in answers
    assert all(json.loads(line)["events"] for line in course.splitlines()[:5])
    assert "notified [('notify', 'honour'), ('hold', 'decline')]" in course
    assert "201" in again
    assert "idempotent-replayed: true" in again.lower()
    assert '"stream_kind"' in feed
    assert re.search(r"^org\.detainer\.test\.v1 [0-9a-f-]{36}$", hooks, re.MULTILINE)
    assert "accepted in" in hooks
    assert json.loads(roster)["booked"] == 3
    assert json.loads(refused)["type"] == "/problems/contradiction"
    assert json.loads(ready)["status"] == "ready"


def test_the_guide_lists_every_problem_with_its_status() -> None:
    for kind, (status, title) in TYPES.items():
        assert f"| `{kind}` | {status} | {title} |" in GUIDE


def test_every_address_that_the_guide_names_is_one_of_the_api(database: Any) -> None:
    from detainer.api import openapi
    from detainer.api.urls import api

    known = {re.sub(r"{\w+}", "{}", path.removeprefix("/api/v1")) for path in json.loads(openapi.document(api))["paths"]}
    named = re.findall(r"`(?:GET|POST|PATCH|DELETE) (/[^`?=\s]*)", GUIDE)
    assert len(named) > 8
    for path in named:
        assert path.endswith("...") or re.sub(r"{\w+}", "{}", path) in known, path
