"""Reading which county a text names: "MONTGOMERY CNTY JAIL, PA" in Pennsylvania is us/pa/montgomery_county."""

import re
from functools import cache

from detainer.law import gazetteer

_KINDS = "county|cnty|cty|co|parish|borough|municipality|census area"
_NAMED = re.compile(rf"(?P<base>[a-z .'-]+?)\s+(?:{_KINDS})\b\.?")
_SAINT = re.compile(r"\b(saint|ste?)\b\.?")


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", _SAINT.sub("st", text.lower().replace("_", " ")))


@cache
def _by_base() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return for a state and a county's name without its kind the paths it can mean: Baltimore is a county and a city."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in gazetteer.counties():
        _, state, name = path.split("/")
        base = next((name.removesuffix(kind) for kind in gazetteer.KINDS if name.endswith(kind)), name)
        found.setdefault((state, _letters(base)), []).append(path)
    return {key: tuple(paths) for key, paths in found.items()}


def of_name(state: str, name: str) -> str | None:
    """Return the path of the county of that name in a state (USPS code); None when there is none, or the name leaves two open."""
    text = name.lower()
    paths = _of_base(state, text)
    if len(paths) == 2:
        wanted = "_city" if re.search(r"\bcity\b", text) else "_county"
        paths = tuple(path for path in paths if path.endswith(wanted))
    return paths[0] if len(paths) == 1 else None


def all_of_name(state: str, name: str) -> tuple[str, ...]:
    """Return the paths of every county that somebody can mean by that name: St. Louis, without a kind, is a county and a city."""
    if says_kind(name):
        path = of_name(state, name)
        return (path,) if path else ()
    return _of_base(state, name.lower())


def says_kind(name: str) -> bool:
    """Return whether a name says what kind of county it is of."""
    return re.search(rf"\s(?:{_KINDS}|city)\b", name.lower()) is not None


def _of_base(state: str, text: str) -> tuple[str, ...]:
    return _by_base().get((state.lower(), _letters(re.sub(rf"\s+(?:{_KINDS}|city)\b\.?.*", "", text))), ())


def in_text(state: str, text: str) -> str | None:
    """Return the path of the county that a facility's name begins with and calls a county; None when it calls none."""
    named = _NAMED.match(text.lower().strip())
    return of_name(state, named.group("base")) if named else None
