"""Copies what the pages load from `node_modules` into `static/vendor`, and the documents' type faces; `make` runs it.

Of the U.S. Web Design System only what the pages show is taken: its style sheet without the type faces that are not
used, every file that the style sheet then names, its two scripts, the icons and the licence. Of the type faces those that
the documents print with are taken, each with its licence, into a folder of their own. A file that is missing stops it, with
its name.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
MODULES: Final = HERE.parents[2] / "node_modules"
VENDOR: Final = HERE / "static" / "vendor"
FACES: Final = HERE.parent / "documents" / "fonts"

USWDS: Final = Path("@uswds/uswds/dist")
COPIES: Final = {
    USWDS / "js/uswds.min.js": "uswds/js/uswds.min.js",
    USWDS / "js/uswds-init.min.js": "uswds/js/uswds-init.min.js",
    USWDS / "img/sprite.svg": "uswds/img/sprite.svg",
    Path("@uswds/uswds/LICENSE.md"): "uswds/LICENSE.md",
    Path("htmx.org/dist/htmx.min.js"): "htmx/htmx.min.js",
    Path("htmx.org/LICENSE"): "htmx/LICENSE",
}
FONTS: Final = {
    "latin": ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSans-Italic.ttf"),
    "arabic": ("NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf"),
    "hebrew": ("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
    "sc": ("NotoSansHans-Regular.otf",),
}
STYLE: Final = "css/uswds.min.css"

# Type faces and pictures that no page shows: their rules are left out of the style sheet.
UNUSED_FACES: Final = re.compile(
    r'@font-face\{font-family:"(?:Roboto Mono|Merriweather|Public Sans) Web"[^}]*\}'
    r'|@font-face\{font-family:"Source Sans Pro Web";font-style:(?:normal|italic);font-weight:300[^}]*\}'
)
UNUSED_PICTURES: Final = re.compile(r"background-image:url\(\.\./img/hero\.jpg\);")
SOURCE_MAP: Final = re.compile(r"\n?(?:/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$")
NAMED: Final = re.compile(r"""url\(["']?(\.\./[^"')#?]+)""")


def style(text: str) -> str:
    """Return the style sheet without what no page shows and without the address of a source map."""
    return SOURCE_MAP.sub("\n", UNUSED_PICTURES.sub("", UNUSED_FACES.sub("", text)))


def copy(source: Path, target: Path) -> None:
    """Copy a file; a script or style sheet loses the address of its source map, which is not copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".js":
        target.write_text(SOURCE_MAP.sub("\n", source.read_text("utf-8")), "utf-8")
    else:
        shutil.copyfile(source, target)


def vendor(modules: Path = MODULES, to: Path = VENDOR) -> int:
    """Make `to` anew from `modules`; return how many files it holds. Raises FileNotFoundError for a file that is not there."""
    shutil.rmtree(to, ignore_errors=True)
    for source, name in COPIES.items():
        copy(modules / source, to / name)
    sheet = to / "uswds" / STYLE
    sheet.parent.mkdir(parents=True, exist_ok=True)
    text = style((modules / USWDS / STYLE).read_text("utf-8"))
    sheet.write_text(text, "utf-8")
    for name in sorted(set(NAMED.findall(text))):
        copy(modules / USWDS / Path(name).relative_to(".."), to / "uswds" / Path(name).relative_to(".."))
    return sum(path.is_file() for path in to.rglob("*"))


def fonts(modules: Path = MODULES, to: Path = FACES) -> None:
    """Make `to`, the documents' type faces, anew from `modules`. Raises FileNotFoundError for a file that is not there."""
    shutil.rmtree(to, ignore_errors=True)
    for kind, names in FONTS.items():
        package = modules / f"@embedpdf/fonts-{kind}"
        copy(package / "LICENSE", to / f"LICENSE-{kind}")
        for name in names:
            copy(package / "fonts" / name, to / name)


if __name__ == "__main__":
    try:
        vendor()
        fonts()
    except FileNotFoundError as missing:
        sys.exit(f"[{missing.filename}] is missing: run `npm ci` first (or `make {VENDOR.relative_to(HERE.parents[2])}/.done`)")
