"""Where a build is made: a work folder beside its target, which takes the target's name only when it is whole."""

import contextlib
import errno
import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from detainer.outcomes import manifest
from detainer.outcomes.errors import OutcomesError

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def making(target: Path) -> Iterator[Path]:
    """Yield an empty work folder for a build; publish it as `target` when the block ends, remove it when the block fails.

    What a build that was killed has left is removed first. OutcomesError for a target that may not be replaced, while another
    process is making it, and when the disk is full.
    """
    target = target.absolute()
    _refuse_other(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear(target)
    work = target.with_name(f".{target.name}.building-{os.getpid()}")
    work.mkdir()
    try:
        with _held(work):
            yield work
            _publish(work, target)
    except OSError as failed:
        if failed.errno not in _FULL:
            raise
        raise OutcomesError(
            f"{target}: no room to make it in {target.parent} ({os.strerror(failed.errno or 0)}): what was made is removed; make "
            "room, or name a folder on another disk (--out DIR)"
        ) from failed
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refuse_other(target: Path) -> None:
    """Refuse to replace what is no build."""
    if target.exists() and not target.is_dir():
        raise OutcomesError(f"{target}: is a file; name a folder that is new, empty, or holds an earlier build")
    if target.is_dir() and not manifest.is_build(target) and any(target.iterdir()):
        raise OutcomesError(
            f"{target}: is not empty and holds no build (no {manifest.NAME}); name a folder that is new, empty, or holds an "
            "earlier build"
        )


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder as ours as long as this process lives: the system lets go of it even when the process is killed."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def _clear(target: Path) -> None:
    """Remove what killed builds of this target left; an earlier build that was about to be replaced is put back."""
    for left in sorted(target.parent.glob(f".{glob.escape(target.name)}.building-*")):
        try:
            with _held(left):
                shutil.rmtree(left)
        except BlockingIOError:
            raise OutcomesError(f"{target}: another process is building it (its work is in {left.name})") from None
    for earlier in sorted(target.parent.glob(f".{glob.escape(target.name)}.earlier-*")):
        if target.exists():
            shutil.rmtree(earlier)
        else:
            earlier.rename(target)


def _publish(work: Path, target: Path) -> None:
    earlier = target.with_name(f".{target.name}.earlier-{os.getpid()}")
    if target.exists():
        target.rename(earlier)
    work.rename(target)
    shutil.rmtree(earlier, ignore_errors=True)


def linked(source: Path, to: Path) -> None:
    """Give a file a second name, or copy it where the file system has no second names."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, to)
    except OSError:
        shutil.copy2(source, to)
