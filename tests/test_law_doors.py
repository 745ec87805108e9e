"""The law through its doors: terminal, API and page answer alike; its docs are as the code says, and their example works."""

import csv
import datetime as dt
import html
import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from detainer import law
from detainer.cli import app

DOCS = Path(__file__).parents[1] / "docs" / "law"
ADDING = (DOCS / "adding-a-jurisdiction.md").read_text("utf-8")

QUESTIONS = [
    ("us/ma/essex_county", "hold", "2024-01-29", {"facility": "jail", "form": "I-247A", "warrant": ["administrative"]}),
    ("us/ma/essex_county", "notify", "2024-01-29", {"facility": "jail", "form": "I-247A", "warrant": ["administrative"]}),
    ("us/ma/boston", "transfer", "2025-03-01", {"facility": "police", "warrant": []}),
    ("us/ca/los_angeles_county", "notify", "2024-05-01", {"facility": "jail"}),
    ("us/ca", "notify", "2024-05-01", {"facility": "jail", "convictions": [{"class": "felony", "on": "2020-03"}]}),
    ("us/tx", "hold", "2024-05-01", {}),
]


def run(*arguments: str, given: str | None = None) -> str:
    """What `detainer law ...` says; it must succeed."""
    ended = CliRunner().invoke(app, ["law", *arguments], input=given)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


@pytest.mark.parametrize(("place", "ask", "on", "facts"), QUESTIONS)
def test_all_doors_give_the_same_answer(database: Any, place: str, ask: str, on: str, facts: dict[str, Any]) -> None:
    from django.test import Client

    from detainer.web.pages.law_facts import written
    from detainer.web.words import ANSWERS

    own = law.answer(place, ask, dt.date.fromisoformat(on), facts)
    told = own.model_dump(mode="json")
    said = run("answer", "--in", place, "--ask", ask, "--on", on, "--facts", "-", "--json", given=json.dumps(facts))
    assert json.loads(said) == told
    question = {"place": place, "ask": ask, "on": on, "facts": facts}
    assert Client().post("/api/v1/law/answer", question, content_type="application/json").json() == told
    query = [(name, text) for name, value in facts.items() for text in written(name, value)]
    address = f"/law/ask?{urlencode([('place', place), ('ask', ask), ('on', on), *query])}"
    page = html.unescape(Client().get(address).content.decode())
    assert f">{ANSWERS[own.value][0]}</span></h2>" in page
    assert law.explain(own) in page
    assert all(rule.sentence in page for rule in own.rules)


def test_the_page_of_coverage_is_that_of_the_library() -> None:
    told = run("coverage")
    written = (DOCS / "coverage.md").read_text("utf-8")
    assert written == told, "run `detainer law coverage --write docs/law/coverage.md`"


def test_the_guide_explains_every_ask_and_every_answer() -> None:
    from typing import get_args

    guide = (DOCS / "guide.md").read_text("utf-8")
    assert [word for word in (*law.ASKS, *get_args(law.words.Value)) if f"`{word}`" not in guide] == []


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the two files of the example, as the docs print them."""
    layer, cases = re.findall(r"^```yaml\n(.*?)^```$", ADDING, re.DOTALL | re.MULTILINE)
    (tmp_path / "loup_county.yaml").write_text(layer)
    (tmp_path / "loup_county.cases.yaml").write_text(cases)
    with (tmp_path / "past.csv").open("w", newline="") as file:
        facts = json.dumps({"facility": "jail", "form": "I-247A", "warrant": ["administrative"]})
        csv.writer(file).writerows([("place", "ask", "on", "facts"), ("us/ne/loup_county", "hold", "2026-02-01", facts)])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_county_is_added_as_the_docs_say(county: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", ADDING, re.DOTALL | re.MULTILINE)
    commands = [line for block in blocks for line in block.splitlines() if "--with" in line]
    checked, answered, replayed = (run(*shlex.split(line)[2:]) for line in commands)
    assert "no fault" in checked
    assert "us/ne/loup_county, 2026-02-01, hold: needs_facts" in answered
    assert "loup-hold may apply" in answered
    assert "may -> must_not: 1" in replayed


def test_a_county_is_added_to_the_package_as_the_docs_say(county: Path) -> None:
    from detainer.law.cases import read_cases, run
    from detainer.law.library import library_of, package_texts

    texts = package_texts()
    layer = re.sub(r"adopted_by: .*\n", "", (county / "loup_county.yaml").read_text())
    library = library_of({**texts, "us/ne/loup_county.yaml": layer})
    cases = read_cases((county / "loup_county.cases.yaml").read_text(), "us/ne/loup_county.cases.yaml")
    assert [fault for case in cases.cases for fault in run(case, cases.place, library)] == []


def test_a_mistake_in_the_example_is_named_by_file_line_and_rule(county: Path) -> None:
    layer = county / "loup_county.yaml"
    layer.write_text(layer.read_text().replace("judicial_criminal_warrant", "judicial_criminal_warant"))
    ended = CliRunner().invoke(app, ["law", "check", "--with", "loup_county.yaml"])
    assert ended.exit_code == 1
    assert "loup_county.yaml:10: [loup-hold]: [judicial_criminal_warant] is neither" in ended.stderr
    assert "nearest: judicial_criminal_warrant" in ended.stderr
