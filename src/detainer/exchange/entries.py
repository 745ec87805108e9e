"""An agency and a facility as a directory file or a case names them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from detainer.record.said import FacilityCode, Line

AgencyKind = Literal["custodian", "requester", "court", "counsel", "oversight"]
FacilityKind = Literal["jail", "police", "court", "state_prison", "probation", "federal", "juvenile"]


class AgencyEntry(BaseModel):
    """An agency as a directory file or a case names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,80}$")]
    name: Line
    kinds: tuple[AgencyKind, ...] = Field(description="None: a source that a case quotes, such as a newspaper; it takes no part.")
    jurisdiction: Annotated[str, StringConstraints(pattern=r"^us(/[a-z_]+)*$")]
    ori: str = ""
    enrolled: bool = True
    contact: str = ""
    rules_adopted_by: str = ""


class FacilityEntry(BaseModel):
    """A facility as a directory file or a case names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: FacilityCode
    agency: str | None = None
    name: Line
    kind: FacilityKind
    city: str = ""
    county: str = ""
    state: str = ""
    jurisdiction: str = ""
    zone: str = ""
    source: str = ""
