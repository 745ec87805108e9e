"""Who takes part: agencies, facilities, agreements, own law, channels."""

import datetime as dt
from uuid import UUID

from pydantic import BaseModel, Field

from detainer.law.reading import LayerShown
from detainer.law.voided import Voided


class AgencyShown(BaseModel):
    """An agency of the directory."""

    id: UUID
    key: str
    name: str
    kinds: list[str]
    jurisdiction: str
    ori: str
    enrolled: bool
    contact: str
    rules_adopted_by: str


class Agencies(BaseModel):
    """A page of agencies, by key."""

    agencies: list[AgencyShown]
    next: str | None


class Me(BaseModel):
    """Who the token acts for, and as what."""

    agency: AgencyShown
    user: UUID | None
    roles: list[str]


class AgreementShown(BaseModel):
    """What two agencies proposed or agreed on: how soon what is due. In force from the moment the other side agreed to it."""

    id: UUID
    custodian: UUID
    requester: UUID
    by_agency: UUID
    agrees_to: UUID | None = Field(description="The proposal that this agrees to; null: it is a proposal.")
    agreed: bool = Field(description="Whether it is an agreement, or a proposal to which the other side has agreed.")
    urgent_minutes: int
    routine_minutes: int
    receipt_minutes: int
    contest_hours: int
    purposes: str
    recorded_at: dt.datetime


class Agreements(BaseModel):
    """Everything that an agency proposed, was proposed, or agreed to, the latest first."""

    agreements: list[AgreementShown]


class LawLayerShown(BaseModel):
    """An entry of an agency's own law: a layer that it adopted for a place, or (`withdrawn`) that it has none from a day on."""

    id: UUID
    place: str
    from_day: dt.date
    withdrawn: bool
    in_force: bool = Field(description="Whether answers of the day `on` rest on it.")
    hash: str = Field(description="SHA-256 of the text: what the `versions.layers` of an answer name it by.")
    text: str
    adopted_by: str = Field(description="Who adopted or withdrew it.")
    note: str
    recorded_at: dt.datetime


class LawLayers(BaseModel):
    """Everything that an agency ever entered of its own law, the latest first."""

    agency: UUID
    on: dt.date
    layers: list[LawLayerShown]


class LawLayerLooked(BaseModel):
    """A layer as it would stand: its rules as sentences, and which of them are without effect under the law above."""

    place: str
    text: str
    layer: LayerShown
    voided: list[Voided]


class FacilityBrief(BaseModel):
    """What tells a facility from others."""

    code: str
    name: str
    kind: str
    city: str
    county: str
    state: str
    enrolled: bool


class FacilityFound(FacilityBrief):
    """A facility that was found; `same_named` are others of its name, so that the right one is chosen."""

    same_named: list[FacilityBrief]


class Facilities(BaseModel):
    """The first facilities that a search finds; `warning` tells that some of them share a name."""

    facilities: list[FacilityFound]
    warning: str | None


class FacilityShown(FacilityFound):
    """A facility; `same_named` are also those that serve a county of the same name in another state."""

    agency: UUID | None
    jurisdiction: str
    zone: str
    source: str


class ChannelShown(BaseModel):
    """A channel of the agency: where it leads, whether it is on, since when nothing arrives there."""

    kind: str
    address: str
    active: bool
    secrets: list[dt.datetime] = Field(description="When each live secret was made, the newest first.")
    failing_since: dt.datetime | None
    next_try_at: dt.datetime | None
    failure: str
    updated_at: dt.datetime


class Channels(BaseModel):
    """The agency's channels by kind."""

    channels: list[ChannelShown]


class ChannelSaved(ChannelShown):
    """A channel as it is now; a secret that was made is told this once."""

    secret: str | None


class ChannelTried(BaseModel):
    """What came of a test: accepted, or why not, and what the receiver replied."""

    accepted: bool
    failure: str | None
    said: str
    reply: str
    seconds: float
