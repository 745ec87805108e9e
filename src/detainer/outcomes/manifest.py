"""The manifest of a build: `build.json`, written last. A folder without one is no build."""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from detainer.outcomes.counting.spans import Release
from detainer.outcomes.engine import Engine
from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.publishing.suppressing import THRESHOLD
from detainer.outcomes.reading.files import limits_of
from detainer.record.published import Windows

NAME: Final = "build.json"
OUTCOMES: Final = "outcomes.parquet"  # the other files of a build by name: what each step hands on
READING: Final = "reading.json"
FORM: Final = 1  # of the manifest and the folder; a build of another form is not read
Source = Literal["published", "exchange"]  # ICE's releases, or the record of an exchange


class Frozen(BaseModel):
    """A part of the manifest: what is not known to it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Input(Frozen):
    """A file that was given: its name as given, the SHA-256 of its bytes, and what it was found to be."""

    name: str
    sha256: str
    bytes: int
    table: str
    release: str | None
    rows: int


class Options(Frozen):
    """What was asked for. `engine`, `memory`, `spill` and `unpack_limit` change how a build runs, never what comes out."""

    engine: Engine = "duckdb"
    memory: str | None = None
    spill: str | None = None
    release: str | None = None
    columns: dict[str, str] = {}  # what titles are of that are not known, by title
    unpack_limit: str | None = None
    date_order: Literal["month_first", "day_first"] | None = None
    mix_releases: bool = False
    threshold: int = Field(default=THRESHOLD, ge=0)
    windows: Windows = Windows()

    @field_validator("unpack_limit")
    @classmethod
    def _is_a_size(cls, size: str | None) -> str | None:
        limits_of(size)
        return size


_OF_RUNNING: Final = ("engine", "memory", "spill", "unpack_limit")


class Stage(Frozen):
    """A step of the build. `key` is the SHA-256 of all that its files follow from: inputs, options, code, versions, law.

    `files`: their sizes in bytes, by path in the folder.
    """

    name: str
    key: str
    files: dict[str, int]
    reused: bool = False
    seconds: float = 0.0


class Manifest(Frozen):
    """What a build was made of and by. `releases` tells of each release what it can show; `counts` the rows of each table."""

    form: int = FORM
    source: Source = "published"
    made_at: str
    versions: dict[str, str]
    law: str
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()
    options: Options = Options()
    counts: dict[str, int]
    rejected: dict[str, int] = {}
    missing: dict[str, tuple[str, ...]] = {}
    releases: tuple[Release, ...] = ()
    stages: tuple[Stage, ...] = ()


def read(folder: Path) -> Manifest:
    """Return the manifest of a build. OutcomesError for a folder that is none, or one that another version made."""
    path = folder / NAME
    if not folder.is_dir():
        raise OutcomesError(f"{folder}: there is no such folder; `detainer outcomes build FILES... --out DIR` makes a build")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OutcomesError(
            f"{folder}: not a build of outcomes: it has no {NAME}, which is written last; "
            "`detainer outcomes build FILES... --out DIR` makes one"
        ) from None
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        at = ".".join(map(str, fault["loc"]))
        raise OutcomesError(f"{path}: cannot be read: {at} {fault['msg']}; build again into an empty folder") from None


def is_build(folder: Path) -> bool:
    """Return whether a folder is a finished build."""
    return (folder / NAME).is_file()


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest: the last thing that a build writes, whole or not at all."""
    draft = folder / f".{NAME}"
    draft.write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    draft.replace(folder / NAME)


def words(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest without what differs from run to run: what two builds of the same input have in common."""
    told = manifest.model_dump(mode="json", exclude={"made_at": True, "stages": {"__all__": {"reused", "seconds"}}})
    told["options"] = {key: value for key, value in told["options"].items() if key not in _OF_RUNNING}
    return told
