"""The docs say what is so: links lead somewhere, commands exist, tables are the code's, the tour works as printed."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer

from detainer.cli import app
from detainer.exchange.refusals import TYPES

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```[a-z]*\n.*?```|`[^`\n]+`|^ {4}[^\n]*$", re.DOTALL | re.MULTILINE)


def name(page: Path) -> str:
    """The page's path in the project."""
    return str(page.relative_to(ROOT))


def code(text: str) -> Iterator[str]:
    """The lines of code of a page: blocks, and what stands between back-quotes."""
    for part in CODE.findall(text):
        yield from part.strip("`").splitlines()


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_and_picture_of_a_page_leads_to_something(page: Path) -> None:
    missing = []
    for link in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            missing.append(link)
    assert missing == []


def test_every_make_target_that_the_docs_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for variable, value in re.findall(r"^(\w+) [?:]?= (.*)$", makefile, re.MULTILINE):
        makefile = makefile.replace(f"$({variable})", value)
    targets = set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))
    named = {word for page in PAGES for line in code(page.read_text("utf-8")) for word in made(line)}
    assert named - targets == set()
    assert {"serve", "test"} <= named


def made(line: str) -> list[str]:
    """The targets that a line of code asks make for."""
    found = re.match(r"make((?: [\w./-]+)+)", line.strip())
    return found[1].split() if found else []


def test_every_command_and_option_of_detainer_that_the_docs_name_exists() -> None:
    wrong = []
    for page in PAGES:
        for line in code(page.read_text("utf-8")):
            for called in re.findall(r"(?:^|\s|\()(?:\.venv/bin/)?detainer ([a-z][^|)<]*)", line):
                wrong += [f"{name(page)}: {problem}" for problem in misused(called)]
    assert wrong == []


def misused(called: str) -> list[str]:
    """What is wrong with a call of `detainer`: a command that is not there, an option that it does not take."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(called, comments=True)
    while hasattr(command, "commands") and words:
        word = words.pop(0)
        if word not in command.commands:
            return [f"there is no command [{word}]"]
        command = command.commands[word]
    options = {option for parameter in command.params for option in parameter.opts}
    return [f"[{command.name}] takes no option [{word}]" for word in words if word.startswith("--") and word not in options]


def test_every_command_of_detainer_is_described_for_the_operator() -> None:
    command: Any = typer.main.get_command(app)
    operations = (ROOT / "docs/operations.md").read_text("utf-8")
    assert [word for word in command.commands if f"detainer {word}" not in operations] == []


def test_the_tables_and_diagrams_of_the_docs_are_those_of_the_code() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def test_every_environment_variable_that_is_read_is_listed() -> None:
    code = "".join(file.read_text("utf-8") for file in [*(ROOT / "src/detainer").rglob("*.py"), ROOT / "Makefile"])
    read = set(re.findall(r"\b(?:DETAINER|DATABASE|PROCRASTINATE)_[A-Z_]+\b(?=[\"'=])", code))
    listed = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/operations.md").read_text("utf-8")))
    assert read - listed == set()
    assert {"DATABASE_URL", "DETAINER_HOSTS"} <= read


def test_every_problem_type_is_described() -> None:
    described = (ROOT / "docs/api.md").read_text("utf-8")
    assert [kind for kind in TYPES if kind not in described] == []


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == sorted(page.name for page in folder.glob("0*.md"))


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


def test_the_tour_works_as_printed(served: Any) -> None:
    script = "\n".join(blocks("README.md", "sh")).replace(".venv/", f"{sys.prefix}/").replace("http://127.0.0.1:8000", served.url)
    environment = {**os.environ, "DETAINER_DATA": str(served.data)}
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    printed = "".join(blocks("README.md", "text"))
    expected = ".*".join(re.escape(line).replace(r"\.\.\.", ".*") for line in printed.splitlines())
    assert re.search(expected, done.stdout, re.DOTALL), done.stdout + done.stderr
    lodged = re.findall(r'^\{"id":"([0-9a-f-]+)"', done.stdout, re.MULTILINE)
    assert len(lodged) == 2
    assert lodged[0] == lodged[1]


def test_the_statement_after_a_restore_brings_the_counter_past_the_feed(database: Any) -> None:
    statements = blocks("docs/operations.md", "sql")[0].partition("\n")
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute(statements[0])
        connection.execute(statements[2])
        behind, ahead = connection.execute(
            "SELECT coalesce(max(txid), 0), pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM feed"
        ).fetchone()
    assert ahead > behind + 100_000


def test_the_example_of_a_directory_can_be_read(database: Any, tmp_path: Path) -> None:
    from detainer.exchange import cases

    text = (ROOT / "docs/operations.md").read_text("utf-8")
    example = text[text.index("    # county.yaml") : text.index("<!-- checked -->")]
    file = tmp_path / "county.yaml"
    file.write_text(re.sub(r"^ {4}", "", example, flags=re.MULTILINE), "utf-8")
    case = cases.read(file)
    assert [agency.key for agency in case.agencies] == ["example_sheriff", "example_auditor"]
    assert case.facilities[0].agency == case.oversight[0].agency == "example_sheriff"
