"""The places that exist: the nation, its states, its counties by Census (FIPS) name, cities, and whatever has a file of law."""

from collections.abc import Collection
from functools import cache
from importlib.resources import files

from detainer.law.errors import PlaceUnknown, nearest

# FIPS number, postal code, name.
_STATES = """01 al Alabama|02 ak Alaska|04 az Arizona|05 ar Arkansas|06 ca California|08 co Colorado|09 ct Connecticut|
10 de Delaware|11 dc District of Columbia|12 fl Florida|13 ga Georgia|15 hi Hawaii|16 id Idaho|17 il Illinois|
18 in Indiana|19 ia Iowa|20 ks Kansas|21 ky Kentucky|22 la Louisiana|23 me Maine|24 md Maryland|25 ma Massachusetts|
26 mi Michigan|27 mn Minnesota|28 ms Mississippi|29 mo Missouri|30 mt Montana|31 ne Nebraska|32 nv Nevada|
33 nh New Hampshire|34 nj New Jersey|35 nm New Mexico|36 ny New York|37 nc North Carolina|38 nd North Dakota|39 oh Ohio|
40 ok Oklahoma|41 or Oregon|42 pa Pennsylvania|44 ri Rhode Island|45 sc South Carolina|46 sd South Dakota|
47 tn Tennessee|48 tx Texas|49 ut Utah|50 vt Vermont|51 va Virginia|53 wa Washington|54 wv West Virginia|
55 wi Wisconsin|56 wy Wyoming|72 pr Puerto Rico"""
_ROWS = tuple(row.strip().split(" ", 2) for row in _STATES.replace("\n", "").split("|"))
STATES: dict[str, str] = {code: name for _, code, name in _ROWS}
_BY_FIPS: dict[str, str] = {fips: code for fips, code, _ in _ROWS}
# A county that is one with a city: the same ground, and the city's government.
ONE_WITH = {
    "us/pa/philadelphia_county": "us/pa/philadelphia",
    "us/ky/jefferson_county": "us/ky/louisville",
    **{f"us/ny/{name}_county": "us/ny/new_york_city" for name in ("bronx", "kings", "new_york", "queens", "richmond")},
}
KINDS = ("_county", "_parish", "_borough", "_census_area", "_municipality", "_municipio", "_city", "_planning_region")


@cache
def counties() -> dict[str, str]:
    """Return every county's path and its five-digit FIPS number, from the package's own list."""
    text = files("detainer.law").joinpath("counties.txt").read_text(encoding="utf-8")
    rows = (line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {f"us/{_BY_FIPS[fips[:2]]}/{name}": fips for fips, name in rows}


@cache
def _short_names() -> dict[str, tuple[str, ...]]:
    """Return for "us/ma/essex" the full paths it can mean; Baltimore, for one, is a county and a city."""
    found: dict[str, list[str]] = {}
    for path in counties():
        for kind in KINDS:
            if path.endswith(kind):
                found.setdefault(path.removesuffix(kind), []).append(path)
                break
    return {short: tuple(paths) for short, paths in found.items()}


@cache
def cities() -> dict[str, frozenset[str]]:
    """Return for each state (postal code) the names of its cities and towns, from the package's own list. It is not complete."""
    text = files("detainer.law").joinpath("cities.txt").read_text(encoding="utf-8")
    rows = (line.split(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {state: frozenset(names) for state, *names in rows}


def _is_city(path: str) -> bool:
    _, state, name = path.split("/") if path.count("/") == 2 else ("", "", "")
    return name in cities().get(state, ())


def canonical(place: str, with_file: Collection[str]) -> str:
    """Return the full path of a place; PlaceUnknown, with the nearest names, when there is none or more than one."""
    path = place.strip().lower()
    if path in with_file or path in counties() or path == "us" or path.removeprefix("us/") in STATES:
        return path
    meant = _short_names().get(path, ())
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise PlaceUnknown(f"[{place}] can mean {' or '.join(meant)}; write which")
    if _is_city(path):
        return path
    state = "/".join(path.split("/")[:2])
    if state.removeprefix("us/") in STATES:
        named = {
            known.rsplit("/", 1)[-1]: known
            for known in (*counties(), *_short_names(), *with_file, *(f"{state}/{city}" for city in cities().get(state[3:], ())))
            if known.startswith(f"{state}/")
        }
        near = nearest(path.rsplit("/", 1)[-1], named, shown=named.__getitem__)
        raise PlaceUnknown(
            f"[{place}] is no county of {STATES[state.removeprefix('us/')]}, no city on our list, and has no file of law{near};"
            " a place that is not listed is answered as its county"
        )
    known_states = ["us", *(f"us/{code}" for code in STATES)]
    names = {f"us/{name.lower().replace(' ', '_')}": f"us/{code}" for code, name in STATES.items()}
    if state in names:
        raise PlaceUnknown(f"[{place}] is not a place; nearest: {path.replace(state, names[state], 1)}")
    raise PlaceUnknown(
        f"[{place}] is not a place; a place is us, us/ma or us/ma/essex_county{nearest(path, (*known_states, *counties()))}"
    )


def of_layer(path: str, kind: str, with_file: Collection[str]) -> str:
    """Return the path of a layer, which must be a place's full one. Raises PlaceUnknown.

    A city or an agency of a state that is known need be in no list; a county is one of the Census.
    """
    is_local = path.count("/") == 2 and path.split("/")[1] in STATES
    if kind in ("city", "agency") and is_local:
        return path
    whole = canonical(path, with_file)
    if whole != path:
        raise PlaceUnknown(f"[{path}] is short for {whole}; write that")
    return whole


def layers_above(path: str) -> tuple[str, ...]:
    """Return the paths whose law binds a place, the highest first: us, us/ma, us/ma/boston.

    A county that is one with a city has the city's law above it.
    """
    if path in ONE_WITH:
        return (*layers_above(ONE_WITH[path]), path)
    parts = path.split("/")
    return tuple("/".join(parts[: count + 1]) for count in range(len(parts)))


def name_of(path: str) -> str:
    """Return the name of a place as a reader would write it."""
    last = path.rsplit("/", 1)[-1]
    if path == "us":
        return "United States"
    return STATES.get(last, last) if path.count("/") == 1 else last.replace("_", " ").title()
