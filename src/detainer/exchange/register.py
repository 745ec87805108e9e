"""What an operator enters: agencies and facilities of the directory, users, tokens."""

import csv
import datetime as dt
import gzip
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from detainer.exchange import refusals
from detainer.exchange.entries import AgencyEntry, FacilityEntry
from detainer.exchange.models import Agency, Facility, Membership, Token, User
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import ROLES, SCOPES
from detainer.exchange.session import new_secret, secret_hash

# The zone of a state's facilities where the list names none; a state with two zones gets that of most of its people.
ZONE_OF_STATE: Final[dict[str, str]] = {
    **dict.fromkeys(
        [
            "CT",
            "DC",
            "DE",
            "FL",
            "GA",
            "IN",
            "KY",
            "MA",
            "MD",
            "ME",
            "MI",
            "NC",
            "NH",
            "NJ",
            "NY",
            "OH",
            "PA",
            "RI",
            "SC",
            "VA",
            "VT",
            "WV",
        ],
        "America/New_York",
    ),
    **dict.fromkeys(
        ["AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI"], "America/Chicago"
    ),
    **dict.fromkeys(["CO", "MT", "NM", "UT", "WY", "ID"], "America/Denver"),
    **dict.fromkeys(["CA", "NV", "OR", "WA"], "America/Los_Angeles"),
    "AZ": "America/Phoenix",
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
    "VI": "America/St_Thomas",
    "GU": "Pacific/Guam",
    "MP": "Pacific/Saipan",
}


def enter(agencies: Iterable[AgencyEntry], facilities: Iterable[FacilityEntry]) -> tuple[int, int]:
    """Write agencies and facilities, or bring those of the same key or code up to date. Return how many of each."""
    count = 0
    for entry in agencies:
        told = entry.model_dump()
        Agency.objects.update_or_create(key=told.pop("key"), defaults={**told, "kinds": list(entry.kinds)})
        count += 1
    ids = dict(Agency.objects.values_list("key", "id"))
    rows = [_facility_row(entry, ids) for entry in facilities]
    fields = ["agency", "name", "kind", "city", "county", "state", "jurisdiction", "zone", "source"]
    Facility.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields, batch_size=1000)
    return count, len(rows)


def _facility_row(entry: FacilityEntry, ids: Mapping[str, UUID]) -> Facility:
    if entry.agency is not None and entry.agency not in ids:
        raise refusals.one_field(
            "agency", f"facility [{entry.code}] names the agency [{entry.agency}], which is not in the directory"
        )
    told = entry.model_dump(exclude={"agency"})
    told["zone"] = entry.zone or ZONE_OF_STATE.get(entry.state, "UTC")
    return Facility(**told, agency_id=ids[entry.agency] if entry.agency else None)


def import_file(path: Path) -> tuple[int, int]:
    """Enter the directory that a CSV file (plain or .gz) holds: detention facilities, ORI agencies, or our own columns.

    Return how many agencies and facilities. Raises Refused with every wrong line by number (nothing is then written) and
    for a file whose columns are none of the three (what would be right).
    """
    try:
        with _opened(path) as text:
            return _import(csv.DictReader(text, restval=""), path.name)
    except (OSError, EOFError, csv.Error, UnicodeDecodeError) as error:
        raise Refused("invalid", f"[{path}] cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _opened(path: Path) -> io.TextIOBase:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")  # type: ignore[return-value]
    return path.open(encoding="utf-8-sig", newline="")


OURS: Final = "our own"
COLUMNS: Final[dict[str, set[str]]] = {
    "facilities of ICE's lists": {"detention_facility_code", "detention_facility", "city", "county", "state", "type"},
    "agencies with ORI codes": {"ori", "pub_agency_name", "state_abbr", "county_name", "agency_type_name"},
    OURS: {"code", "name", "kind", "state", "county", "agency"},
}


def _import(reader: "csv.DictReader[str]", name: str) -> tuple[int, int]:
    columns = set(reader.fieldnames or ())
    known = next((kind for kind, needed in COLUMNS.items() if needed <= columns), None)
    if known is None:
        wanted = "; or ".join(f"{kind}: {', '.join(sorted(needed))}" for kind, needed in COLUMNS.items())
        raise Refused("invalid", f"[{name}] has the columns {', '.join(sorted(columns)) or 'of no header'}: wanted are {wanted}")
    wrong: list[FieldError] = []
    facilities: dict[str, FacilityEntry] = {}
    for number, row in enumerate(reader, start=2):
        try:
            entry = FacilityEntry.model_validate(_READ[known](row))
            facilities[entry.code] = entry
        except ValidationError as error:
            wrong += [FieldError(f"line {number}.{item.field}", item.message) for item in refusals.invalid(error).errors]
    if wrong:
        raise Refused(
            "invalid", f"{len(wrong)} fields are wrong, the first in {wrong[0].field}; nothing was written", errors=wrong
        )
    # A public list may have a county wrong, and with it the law: what a facility's own agency has said stands.
    own = set(Facility.objects.exclude(agency=None).values_list("code", flat=True)) if known != OURS else set()
    return enter([], [entry for entry in facilities.values() if entry.code not in own])


def _place(state: str, county: str) -> str:
    """Return the jurisdiction of a county as a path; the law of a county without a file is that of its state."""
    name = county.lower().replace(".", "").replace("'", "").replace(" ", "_").replace("-", "_")
    return (
        f"us/{state.lower()}/{name}"
        if state and name.isascii() and name.replace("_", "").isalpha()
        else f"us/{state.lower()}".rstrip("/")
    )


# Of the list's detailed types those that are no jail: the government's own places, and places for children.
_KIND_OF_TYPE: Final = {
    **dict.fromkeys(("BOP", "SPC", "CDF", "USMS CDF", "HOLD", "STAGING", "POE", "BPS", "AIRPORT", "TRANSPORT"), "federal"),
    "JUVENILE": "juvenile",
}


def _of_ice(row: Mapping[str, str]) -> dict[str, Any]:
    """Read a row of the merged DETLOC lists (shared data `facilities.csv.gz`)."""
    kind = _KIND_OF_TYPE.get(row.get("type_detailed") or row["type"], "jail")
    return {
        "code": row["detention_facility_code"],
        "name": row["detention_facility"] or row["detention_facility_code"],
        "kind": kind,
        "city": row["city"].title(),
        "county": row["county"].title(),
        "state": row["state"],
        "jurisdiction": "us" if kind == "federal" else _place(row["state"], row["county"]),
        "source": "ICE facility list (DETLOC)",
    }


def _of_ori(row: Mapping[str, str]) -> dict[str, Any]:
    """Read a row of the FBI's list of agencies (shared data `ori_agencies_2025.csv.gz`)."""
    county = row["county_name"].split(";")[0]
    return {
        "code": row["ori"],
        "name": _office(row),
        "kind": "jail" if row["agency_type_name"] == "County" else "police",
        "county": county.title(),
        "state": row["state_abbr"],
        "jurisdiction": _place(row["state_abbr"], county),
        "source": "FBI police employee data (ORI)",
    }


def _office(row: Mapping[str, str]) -> str:
    """Return what an office is called: the list names a city's police by the city, and a county's sheriff by the county."""
    name = row["pub_agency_name"].rstrip(":, ")
    if row["agency_type_name"] == "City":
        return f"{name} Police"
    if row["agency_type_name"] == "County" and not any(word in name for word in ("Police", "Sheriff", "Department", "Office")):
        return f"{name} County Sheriff"
    return f"{row['state_abbr']} {name}" if name.startswith(("State ", "Highway ")) else name


def _of_ours(row: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key in FacilityEntry.model_fields and not (key == "agency" and not value)}


_READ: Final = {"facilities of ICE's lists": _of_ice, "agencies with ORI codes": _of_ori, OURS: _of_ours}


def agency(key: str) -> Agency:
    """Return the agency of a key. Raises Refused with the keys that are there."""
    found = Agency.objects.filter(key=key).first()
    if found is None:
        near = ", ".join(Agency.objects.filter(enrolled=True).order_by("key").values_list("key", flat=True)[:20])
        raise refusals.one_field("agency", f"there is no agency [{key}]; enrolled are: {near or 'none'}")
    return found


def add_user(
    username: str,
    password: str,
    key: str,
    roles: Iterable[str],
    *,
    full_name: str = "",
    hashed: Callable[[str], str] | None = None,
) -> User:
    """Give a user an account at an agency, or an existing one more roles (the password then stays as it is).

    `hashed` makes what is kept of the password, Django's own unless said. Raises Refused for an unknown agency or role,
    for a name that is none, and for a weak password.
    """
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    at, wanted = agency(key), list(roles)
    for role in wanted:
        if role not in ROLES:
            raise refusals.one_field("role", f"[{role}] is no role: they are {', '.join(ROLES)}")
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username, last_name=full_name)
        _check_account(user, password)
        user.password = (hashed or make_password)(password)
        user.save(force_insert=True)
    for role in wanted:
        Membership.objects.get_or_create(user=user, agency=at, role=role)
    return user


def _check_account(user: User, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415
    from django.core.exceptions import ValidationError as NotValid  # noqa: PLC0415

    try:
        user.username_validator(user.username)
    except NotValid as error:
        raise refusals.one_field("username", f"[{user.username}]: {' '.join(error.messages)}") from error
    try:
        validate_password(password, user)
    except NotValid as error:
        raise refusals.one_field("password", " ".join(error.messages)) from error


def add_token(
    key: str, name: str, scopes: Iterable[str], *, now: dt.datetime, days: int = 365, username: str | None = None
) -> str:
    """Make a token for an agency and return its secret, which is shown this once. Raises Refused for an unknown scope or user."""
    wanted = list(scopes)
    for scope in wanted:
        if scope not in SCOPES:
            raise refusals.one_field("scope", f"[{scope}] is no scope: they are {', '.join(SCOPES)}")
    user = User.objects.filter(username=username).first() if username else None
    if username and user is None:
        raise refusals.one_field("user", f"there is no user [{username}]")
    secret = new_secret()
    Token.objects.create(
        agency=agency(key),
        user=user,
        name=name,
        scopes=wanted,
        secret_hash=secret_hash(secret),
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return secret
