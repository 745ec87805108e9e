"""The operator's commands as typed: what they do, what they say, and how they end."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from detainer.exchange import postgres

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@dataclass(frozen=True)
class Exchange:
    """A data directory whose database runs."""

    data: Path

    def run(self, *arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `detainer ...` on it."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("DETAINER_", "DATABASE_"))}
        command = [sys.executable, "-m", "detainer.cli", *map(str, arguments), "--data", str(self.data)]
        return subprocess.run(command, env={**clean, **env}, capture_output=True, text=True, timeout=120, check=False)

    def done(self, *arguments: object, **env: str) -> str:
        """Run it, see it succeed without a word of complaint, and return what it said."""
        ended = self.run(*arguments, **env)
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    def refused(self, *arguments: object, **env: str) -> str:
        """Run it, see it end with 1, and return the reason that it gives: a line or more, and no traceback."""
        ended = self.run(*arguments, **env)
        assert ended.returncode == 1, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended.stderr or ended.stdout

    def tamper(self, sql: str, *values: Any) -> Any:
        """Do as the database's superuser, whom no trigger and no key stops."""
        address = postgres.address(self.data).replace("@/postgres?", "@/detainer?")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            done = connection.execute(sql, values)
            return done.fetchall() if done.description else None


@pytest.fixture(scope="module")
def lynn() -> Iterator[tuple[Exchange, dict[str, str]]]:
    """An exchange into which the Lynn case was replayed, and the case's streams."""
    with tempfile.TemporaryDirectory(prefix="detainer-cli-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        with postgres.running(data):
            exchange = Exchange(data)
            told = json.loads(exchange.done("replay", EXAMPLES / "lynn-2024.yaml", "--json"))
            assert told["case"] == "lynn-2024"
            yield exchange, told["streams"]


@pytest.fixture
def exchange(lynn: tuple[Exchange, dict[str, str]]) -> Exchange:
    return lynn[0]


def test_a_replayed_case_is_replayed_once(lynn: tuple[Exchange, dict[str, str]]) -> None:
    exchange, streams = lynn
    assert exchange.done("replay", EXAMPLES / "lynn-2024.yaml").split() == [
        f"{n}" for p in streams.items() for n in (p[0] + ":", p[1])
    ]
    assert exchange.tamper("SELECT count(*) FROM stream") == [(3,)]


def test_verify_proves_a_whole_record_and_names_the_event_that_a_superuser_changed(lynn: tuple[Exchange, dict[str, str]]) -> None:
    exchange, streams = lynn
    whole = json.loads(exchange.done("verify", "--json"))
    assert (whole["streams"], whole["broken"], whole["read_tables_differ"]) == (3, [], [])
    [(event, occurred)] = exchange.tamper("SELECT id, occurred FROM event WHERE kind = 'lodged'")
    exchange.tamper("UPDATE event SET occurred = '2024-02-02' WHERE id = %s", event)
    said = exchange.refused("verify")
    assert said.startswith(f"event {event} (stream {streams['request']}, version 1) was changed after it was recorded")
    broken = json.loads(exchange.run("verify", "--json").stdout)["broken"]
    assert [item["event"] for item in broken] == [str(event)]
    exchange.tamper("UPDATE event SET occurred = %s WHERE id = %s", occurred, event)
    assert exchange.done("verify").startswith("whole: 3 streams, root ")


def test_verify_misses_an_event_that_a_superuser_deleted(lynn: tuple[Exchange, dict[str, str]]) -> None:
    exchange, streams = lynn
    exchange.tamper("CREATE TABLE kept AS SELECT * FROM event WHERE stream_id = %s AND version = 2", streams["stay"])
    exchange.tamper("DELETE FROM event WHERE stream_id = %s AND version = 2", streams["stay"])
    assert f"(stream {streams['stay']}, version 3) version 2 is missing" in exchange.refused("verify")
    exchange.tamper("INSERT INTO event SELECT * FROM kept")
    exchange.tamper("DROP TABLE kept")
    exchange.done("verify")


def test_verify_names_a_read_table_that_differs_and_rebuild_mends_it(lynn: tuple[Exchange, dict[str, str]]) -> None:
    exchange, streams = lynn
    exchange.tamper("UPDATE request SET outcome = 'handed_over'")
    said = exchange.refused("verify")
    assert said == (f"the read table of stream {streams['request']} is not what its events add up to: run `detainer rebuild`\n")
    assert exchange.done("rebuild") == "3 streams\n"
    assert json.loads(exchange.done("verify", "--json"))["read_tables_differ"] == []


def test_a_directory_is_imported_and_a_user_and_a_token_are_added(exchange: Exchange, tmp_path: Path) -> None:
    file = tmp_path / "ours.csv"
    file.write_text("code,name,kind,city,county,state,agency\nTESTJ1,Test Jail,jail,Lynn,Essex,MA,essex_sheriff\n")
    assert exchange.done("directory", "import", file) == "0 agencies, 1 facilities\n"
    assert json.loads(exchange.done("directory", "import", EXAMPLES / "demo.yaml", "--json")) == {"agencies": 8, "facilities": 5}
    phrase = {"DETAINER_PASSWORD": "a long enough phrase"}
    assert (
        exchange.done("user", "add", "jo", "--agency", "essex_sheriff", "--role", "clerk", **phrase)
        == "jo is clerk at essex_sheriff\n"
    )
    secret = json.loads(exchange.done("token", "add", "roster", "--agency", "essex_sheriff", "--scope", "custody", "--json"))[
        "token"
    ]
    assert secret.startswith("dtn_")
    assert exchange.tamper("SELECT count(*) FROM token WHERE secret_hash = %s", secret) == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("replay", "absent.yaml"), "refused: [absent.yaml] cannot be read: No such file or directory"),
        (("directory", "import", "absent.csv"), "refused: [absent.csv] cannot be read: No such file or directory"),
        (
            ("user", "add", "jo", "--agency", "nowhere", "--role", "clerk"),
            "refused: agency: there is no agency [nowhere]; enrolled are: ",
        ),
        (
            ("user", "add", "li", "--agency", "lynn_court", "--role", "judge"),
            "refused: role: [judge] is no role: they are clerk, ",
        ),
        (("user", "add", "li", "--agency", "lynn_court", "--role", "clerk"), "refused: password: This password is too short."),
        (("token", "add", "t", "--agency", "lynn_court", "--scope", "all"), "refused: scope: [all] is no scope: they are read, "),
        (("serve", "--port", "70000"), "detainer: [70000] is no port: name one from 1 to 65535 with --port"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_and_ends_with_1(
    arguments: tuple[str, ...], says: str, exchange: Exchange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exchange.refused(*arguments, DETAINER_PASSWORD="short").startswith(says)


def test_a_data_directory_that_is_a_file_and_a_server_that_is_not_there_are_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert f"the data directory [{file}] cannot be used" in Exchange(file).refused("verify")
    elsewhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    assert "detainer: connection failed" in Exchange(tmp_path / "data").refused("verify", **elsewhere)


def test_database_prints_addresses_that_psql_takes(exchange: Exchange) -> None:
    addresses = dict(line.split() for line in exchange.done("database").splitlines())
    assert list(addresses) == ["owner", "service", "worker"]
    for name, role in (("owner", "postgres"), ("service", "detainer_service"), ("worker", "detainer_worker")):
        with psycopg.connect(addresses[name]) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_the_release_check_says_what_is_owed_and_ends_with_one(exchange: Exchange) -> None:
    exchange.done("replay", EXAMPLES / "essex-today.yaml")
    of_sheriff = ("--agency", "essex_sheriff")
    owed = exchange.run("release-check", "DEMO-0003", *of_sheriff)
    assert (owed.returncode, owed.stderr) == (1, "")
    assert owed.stdout.startswith("booking DEMO-0003: 1 request waits, 1 owed\nI-247A of ICE ERO Boston field office")
    assert "  OWED: a notice that was decided is not given -> give_notice\n" in owed.stdout
    told = json.loads(exchange.done("release-check", "DEMO-0001", *of_sheriff, "--json"))
    assert (told["booking_number"], told["owed"]) == ("DEMO-0001", False)
    assert "no booking of" in exchange.refused("release-check", "none-such", *of_sheriff)
    assert "there is no agency" in exchange.refused("release-check", "DEMO-0003", "--agency", "nowhere")


def test_a_month_of_two_agencies_is_reconciled_and_written_as_csv(exchange: Exchange) -> None:
    exchange.done("replay", EXAMPLES / "essex-today.yaml")
    (at,) = exchange.tamper(
        "SELECT lodged_at FROM request JOIN agency a ON a.id = custodian_id WHERE a.key = 'essex_sheriff' LIMIT 1"
    )[0]
    between = ("--agency", "ero_boston", "--with", "essex_sheriff", "--month", f"{at:%Y-%m}")
    out = exchange.data.parent / "month.csv"
    told = json.loads(exchange.done("reconcile", *between, "--csv", out, "--json"))
    assert (told["custodian"], told["requester"]) == ("essex_sheriff", "ero_boston")
    assert told["sums"]["sent"] == len(told["entries"]) == len(out.read_text().splitlines()) - 1 > 0
    assert exchange.done("reconcile", *between).startswith("ICE ERO Boston field office to Essex County Sheriff")
    assert "one must be a custodian" in exchange.refused(
        "reconcile", "--agency", "lynn_court", "--with", "essex_sheriff", "--month", "2024-01"
    )
    assert "is no month" in exchange.refused("reconcile", *between[:4], "--month", "January")
