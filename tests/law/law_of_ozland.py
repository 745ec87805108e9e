"""Made-up law for tests of how layers combine: the state of Ozland has the paths of us/ma, its county those of Essex."""

from detainer.law.library import Library, library_of

HEAD = "path: {path}\nname: {name}\nkind: {kind}\nas_of: 2030-01-01\nbinds: everyone\nsummary: made up for tests\n"


def rule(name: str, effect: str, *lines: str, asks: str = "[hold]", spans: str = "[{from: 2000-01-01}]") -> str:
    """Return one rule as YAML, indented as an item of `rules:`."""
    fixed = (
        f"asks: {asks}",
        f"effect: {effect}",
        f"spans: {spans}",
        f"cite: Book of {name}",
        "source: made up",
        "confidence: high",
    )
    return "\n".join((f"  - id: {name}", *(f"    {line}" for line in (*fixed, *lines))))


def text(path: str, *rules: str, before: str = "") -> str:
    """Return a file of law as YAML."""
    kind = ("nation", "state", "county")[path.count("/")]
    head = HEAD.format(path=path, name=path.rsplit("/", 1)[-1].title(), kind=kind)
    return head + before + ("rules:\n" + "\n".join(rules) + "\n" if rules else "")


def library(**layers: tuple[str, ...]) -> Library:
    """Return a library of rules for us, us_ma and us_ma_essex_county, given by keyword."""
    paths = {"us": "us", "state": "us/ma", "county": "us/ma/essex_county"}
    texts = {f"{paths[key]}.yaml": text(paths[key], *rules) for key, rules in layers.items()}
    texts.setdefault("us.yaml", text("us"))
    return library_of(texts)
