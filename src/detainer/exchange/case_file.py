"""What a case file says: a directory, an account of what happened, or commands to be played again; read and checked."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import detainer
from detainer.exchange import refusals
from detainer.exchange.entries import AgencyEntry, FacilityEntry
from detainer.exchange.refusals import FieldError, Refused
from detainer.record.said import Stream as StreamKind

NAMESPACE = UUID("2b0c1f2e-6f0a-5d0e-9d2c-6d6f3b1f5a11")  # ours alone, for the ids of the streams of cases


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"[{name}] is no time zone: write one such as America/New_York") from error
    return name


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Account(_Part):
    """A user of the demo: the password is printed, so it opens nothing but a demo."""

    username: str
    password: str
    agency: str
    roles: tuple[str, ...]
    says: str = ""


class Grant(_Part):
    """An agency lets an oversight body read its records."""

    agency: str
    oversight: str
    basis: str


class Told(_Part):
    """One event of an account: what, when, who did it and who says so. `$stay` in data stands for the id of the case's stay."""

    stream: StreamKind
    kind: str
    occurred: str
    by: str
    says: str
    confirmed: bool | None = Field(None, description="False: the source says so itself. Otherwise it follows from by and says.")
    note: str | None = None
    data: dict[str, Any] = {}


class Step(_Part):
    """One command of a play. `on` names the stream it begins or acts on; `$name` in data stands for a stream's id.

    `occurred` and texts in data may be told from the moment of the replay: `now-PT2H`, `now+P1D`. A step without
    `occurred` happens at that moment, and the worker delivers what follows from it.
    """

    by: str
    user: str | None = Field(None, description="Who gives the command, where the exchange has the account.")
    command: str = Field(pattern=r"^(request|stay|file)\.[a-z_]+$")
    on: str
    occurred: str | None = None
    data: dict[str, Any] = {}


class Case(_Part):
    """A case file."""

    case: str
    title: str = ""
    note: str = ""
    source: dict[str, Any] = {}
    directory: str | None = Field(
        None, pattern=r"^[\w.-]+\.yaml$", description="The file beside this one whose agencies and facilities it stands on."
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = Field("UTC", description="Whose days its dates are.")
    agencies: tuple[AgencyEntry, ...] = ()
    facilities: tuple[FacilityEntry, ...] = ()
    accounts: tuple[Account, ...] = ()
    oversight: tuple[Grant, ...] = ()
    events: tuple[Told, ...] = ()
    steps: tuple[Step, ...] = ()
    statements: tuple[dict[str, Any], ...] = ()
    derived: dict[str, Any] = {}


def examples() -> Path:
    """Return the folder of the example cases: in the package, or beside it in a checkout."""
    package = Path(detainer.__file__).parent
    inside = package / "examples"
    return inside if inside.is_dir() else package.parents[1] / "examples"


def read(path: Path) -> Case:
    """Return the case of a file, with the agencies and facilities of the directory that it names.

    Raises Refused that names the file and each wrong place in it.
    """
    case = _read(path)
    if case.directory is None:
        return case
    under = _read(path.parent / case.directory)
    return case.model_copy(
        update={"agencies": (*under.agencies, *case.agencies), "facilities": (*under.facilities, *case.facilities)}
    )


def _read(path: Path) -> Case:
    try:
        told = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused("invalid", f"[{path}] cannot be read: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise Refused("invalid", f"[{path.name}] is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(told, dict):
        raise Refused("invalid", f"[{path.name}] is not a case file: it begins with `case: name`")
    try:
        return Case.model_validate(_dates_as_text(told))
    except ValidationError as error:
        refused = refusals.invalid(error)
        raise Refused("invalid", f"{path.name}: {refused.detail}", errors=refused.errors) from error


def _dates_as_text(value: Any) -> Any:
    """YAML reads 2024-01-29 as a date; a case means the text."""
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def stream_id(case: str, name: str) -> UUID:
    """Return the id that a case's stream has in every exchange, so that a second replay finds it."""
    return uuid5(NAMESPACE, f"{case}/{name}")


def located(part: str, number: int, refused: Refused) -> Refused:
    """Return a refusal with its place in the case file in front: `events[3]`."""
    errors = [FieldError(f"{part}[{number}].{error.field}", error.message) for error in refused.errors]
    return Refused(refused.kind, f"{part}[{number}]: {refused.detail}", errors=errors)
