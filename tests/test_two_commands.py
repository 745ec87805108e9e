"""The README's two commands, from a fresh clone in an empty directory with nothing installed by hand."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving_making import answers, free_port, wait_for

HERE = Path(__file__).resolve().parents[1]
SECONDS = 280  # for what takes fifty on a machine that has nothing else to do


def bare() -> dict[str, str]:
    """The environment of somebody who has just cloned: no virtual environment, no npm, nothing of the tests' own.

    The package managers' caches are kept: they change how long it takes, not what is installed.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DETAINER_", "DATABASE_", "DJANGO_", "PYTHON", "VIRTUAL_ENV", "PYTEST", "MAKE", "MFLAGS"))
    }
    tools = [name for name in ("git", "make", "python3", "sh", "bash", "env") if shutil.which(name, path="/usr/bin:/bin")]
    assert {"git", "make", "python3"} <= set(tools)
    return kept | {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """A fresh clone of what is committed."""
    with tempfile.TemporaryDirectory(prefix="detainer-clone-", ignore_cleanup_errors=True) as folder:
        clone = Path(folder) / "detainer"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(HERE), str(clone)], check=True, timeout=60)
        yield clone


@pytest.fixture
def served(clone: Path, folder: Path) -> Iterator[str]:
    """The address at which `make serve` of the clone answers."""
    port = free_port()
    said = folder / "said"
    with said.open("wb") as output:
        command = ["make", "serve", f"PORT={port}", f"DATA={folder / 'data'}"]
        process = subprocess.Popen(
            command, cwd=clone, env=bare(), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), seconds=SECONDS, process=process)
        except AssertionError as error:
            raise AssertionError(said.read_text()[-3000:]) from error
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to make and to what it runs
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_make_serve_from_a_fresh_clone_gives_the_demo(served: str, clone: Path) -> None:
    assert answers(f"{served}/account/login/")
    assert answers(f"{served}/static/vendor/uswds/css/uswds.min.css")
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert status.stdout == ""  # what the commands make is ignored, and what they need is committed


def test_make_test_would_run_the_linters_and_the_whole_suite_once(clone: Path) -> None:
    plan = subprocess.run(["make", "-n", "test"], cwd=clone, env=bare(), capture_output=True, text=True, check=True).stdout
    assert len(re.findall(r"^\S*pytest\b", plan, re.MULTILINE)) == 1
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert tool in plan
    assert not re.search(r"\bmake (serve|test)\b", plan)


def test_no_file_names_a_registrys_host_or_an_address_to_download_from() -> None:
    pattern = (
        r"https?://[^ \"]+\.(whl|tar\.gz|tgz|deb)\b|\"resolved\": *\"http|--(extra-)?index-url|pypi\.(org|python)|npm"
        r"js\.(org|com)"
    )
    found = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/test_two_commands.py"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
