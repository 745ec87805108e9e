"""`detainer law` answers, shows, compares, checks and replays; what is wrong it tells in a line, and ends with 1."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from detainer.cli import app

LAYER = """path: us/ma/essex_county
name: Essex County, Massachusetts
kind: county
as_of: 2024-01-01
binds: the county's jail
summary: The county holds nobody for ICE.
adopted_by: {agency: Essex County Sheriff, person: the sheriff, on: 2024-01-01}
rules:
  - id: essex-no-notice
    asks: [notify]
    binds: {facilities: [jail]}
    effect: forbid
    spans: [{from: 2024-01-01, until: null}]
    cite: Order 1
    source: the order
    confidence: high
"""
CASES = """place: us/ma/essex_county
cases:
  - name: the jail tells nobody
    ask: notify
    on: 2024-02-01
    facts: {facility: jail}
    answer: must_not
    rules: [essex-no-notice]
"""
ESSEX = ("answer", "--in", "us/ma/essex", "--ask", "notify", "--on", "2024-02-01")


def run(*arguments: object, given: str | None = None) -> str:
    """Run `detainer law ...`, see it succeed, and return what it said."""
    ended = CliRunner().invoke(app, ["law", *map(str, arguments)], input=given)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def refused(*arguments: object) -> str:
    """Run it, see it end with 1, and return the reason."""
    ended = CliRunner().invoke(app, ["law", *map(str, arguments)])
    assert (ended.exit_code, ended.stdout) == (1, "")
    return ended.stderr


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    file = tmp_path / "essex.yaml"
    file.write_text(LAYER)
    file.with_name("essex.cases.yaml").write_text(CASES)
    return file


def test_an_ask_is_answered_with_its_rules_and_what_is_to_be_asked() -> None:
    said = run("answer", "--in", "us/ca/los_angeles_county", "--ask", "notify", "--on", "2024-05-01")
    assert said.startswith("us/ca/los_angeles_county, 2024-05-01, notify: needs_facts\n")
    assert "to be asked: In what kind of place is the person held? [facility]" in said
    assert "not legal advice" in said


def test_facts_come_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    facts = {"facility": "jail", "form": "I-247A", "warrant": ["administrative"]}
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts))
    asked = ("answer", "--in", "us/ma/essex", "--ask", "hold", "--on", "2024-01-29", "--json")
    from_file: dict[str, Any] = json.loads(run(*asked, "--facts", file))
    assert from_file["value"] == "must_not"
    assert json.loads(run(*asked, "--facts", "-", given=json.dumps(facts))) == from_file


def test_explain_tells_every_rule_that_was_looked_at() -> None:
    assert "Looked at:" in run(*ESSEX, "--explain")


def test_a_place_is_shown_and_two_days_compared() -> None:
    assert "us-287.7-d-hold (rule, stands;" in run("show", "us/nj", "--on", "2024-05-01")
    assert json.loads(run("show", "us/nj", "--json"))["on"] is None
    said = run("diff", "us/nc", "--from", "2018-01-01", "--to", "2025-01-01")
    assert "not yet or over -> stands" in said
    assert json.loads(run("diff", "us/nc", "--from", "2018-01-01", "--to", "2025-01-01", "--json"))["changes"]


def test_an_agencys_own_layer_stands_below_the_law(layer: Path) -> None:
    facts = '{"facility": "jail", "form": "I-247A"}'
    assert "notify: may" in run(*ESSEX, "--facts", "-", given=facts)
    assert "notify: must_not" in run(*ESSEX, "--facts", "-", "--with", layer, given=facts)


def test_the_check_passes_on_the_library_with_a_layer(layer: Path) -> None:
    assert "no fault" in run("check", "--with", layer)


def test_the_check_names_file_line_and_rule(layer: Path) -> None:
    layer.write_text(f"{LAYER}    unless: [agrement_287g]\n")
    assert f"{layer}:9: [essex-no-notice]: [agrement_287g] is neither" in refused("check", "--with", layer)
    layer.write_text(LAYER.replace("effect: forbid", "effect: forbids"))
    assert "essex.yaml:12: rules.effect [essex-no-notice]: [forbids] is not one of" in refused("check", "--with", layer)


def test_a_layer_without_cases_is_told_to_have_some(layer: Path) -> None:
    layer.with_name("essex.cases.yaml").unlink()
    assert "essex.yaml:1: no cases; write essex.cases.yaml beside it" in refused("check", "--with", layer)


def test_a_file_is_checked_alone_with_or_without_cases(layer: Path) -> None:
    assert "no fault" in run("check", layer)
    layer.with_name("essex.cases.yaml").write_text(CASES.replace("must_not", "may"))
    assert "the jail tells nobody the answer is must_not, not may" in refused("check", layer)
    layer.with_name("essex.cases.yaml").unlink()
    assert "no fault" in run("check", layer)
    layer.write_text(LAYER.replace("    cite", "     cite"))
    assert f"{layer}:14: not YAML" in refused("check", layer)
    assert "name the layer once" in refused("check", layer, "--with", layer)


def test_the_check_tells_what_of_a_layer_is_without_effect(layer: Path) -> None:
    layer.with_name("essex.cases.yaml").unlink()
    layer.write_text(LAYER.replace("asks: [notify]", "asks: [hold]").replace("effect: forbid", "effect: permit"))
    assert "without effect: [essex-no-notice] on hold: lunn-2017 of us/ma (Lunn v. Commonwealth" in run("check", layer)


def test_a_town_that_no_list_has_can_have_a_layer(layer: Path) -> None:
    layer.with_name("essex.cases.yaml").unlink()
    layer.write_text(LAYER.replace("us/ma/essex_county", "us/ma/lynn").replace("kind: county", "kind: city"))
    assert "no fault" in run("check", layer)
    told = run(*("answer", "--in", "us/ma/lynn", "--ask", "notify", "--on", "2024-02-01", "--with", layer, "--explain"))
    assert "essex-no-notice" in told


def test_a_case_that_comes_out_otherwise_is_named(layer: Path) -> None:
    layer.with_name("essex.cases.yaml").write_text(CASES.replace("must_not", "may"))
    assert "the jail tells nobody the answer is must_not, not may" in refused("check", "--with", layer)


def test_coverage_lists_every_file(tmp_path: Path) -> None:
    assert "| Boston" in run("coverage")
    assert {row["path"] for row in json.loads(run("coverage", "--json"))} >= {"us", "us/ma", "us/ma/boston"}
    run("coverage", "--write", tmp_path / "coverage.md")
    assert (tmp_path / "coverage.md").read_text() == run("coverage")


def test_past_requests_come_out_otherwise_under_a_layer(tmp_path: Path, layer: Path) -> None:
    facts = '"{""facility"": ""jail"", ""form"": ""I-247A""}"'
    table = tmp_path / "past.csv"
    table.write_text(f"place,ask,on,facts\nus/ma/essex,notify,2024-02-01,{facts}\nus/ma/essex,notify,2023-02-01,{facts}\n")
    said = run("replay", "--requests", table, "--with", layer)
    assert said == "2 requests, 1 come out otherwise\n  us/ma/essex notify: may -> must_not: 1\n"
    told = json.loads(run("replay", "--requests", table, "--on", "2024-02-01", "--with", layer, "--json"))
    assert told == [{"place": "us/ma/essex", "ask": "notify", "before": "may", "after": "must_not", "requests": 2}]
    table.write_text("place,ask,on,facts\nus/ma/essex,notify,2024-02-01,{}\nus/ma/essex,notfy,2024-02-01,{}\n")
    assert "past.csv: request 2: [notfy] is not an ask" in refused("replay", "--requests", table, "--on", "2024-02-01")
    table.write_text("place,ask,on\n")
    assert "past.csv:1: column [facts] is missing" in refused("replay", "--requests", table, "--on", "2024-02-01")
    assert "say what is other now" in refused("replay", "--requests", table)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"--in": "us/ma/essx"}, "nearest: us/ma/essex"),
        ({"--ask": "notfy"}, "[notfy] is not an ask; known: notify, hold, transfer, share, interview; nearest: notify"),
        ({"--on": "2024-1-1"}, "--on [2024-1-1] is not a day; write it as 2024-05-01"),
        ({"--facts": "/nowhere.json"}, "/nowhere.json: No such file or directory"),
        ({"--with": "/nowhere.yaml"}, "/nowhere.yaml: No such file or directory"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(changed: dict[str, str], reason: str) -> None:
    asked = {"--in": "us/ma/essex", "--ask": "notify", "--on": "2024-02-01", **changed}
    said = refused("answer", *(word for pair in asked.items() for word in pair))
    assert said.startswith("detainer law: ")
    assert reason in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ('{"facilty": "jail"}', "[facilty] is not a fact of Facts; nearest: facility"),
        ('{"facility": "jial"}', "[jial] is not a value of facility"),
        ('{"facility": ', "facts.json:1: this is not JSON"),
        ("[]", "facts.json:1: facts are one JSON object"),
    ],
)
def test_facts_that_cannot_be_are_told(facts: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(facts)
    assert reason in refused(*ESSEX, "--facts", file)


def test_the_command_as_typed_ends_with_1_and_no_traceback() -> None:
    command = [sys.executable, "-m", "detainer.cli", "law", "show", "us/zz"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("detainer law: [us/zz] is not a place")
