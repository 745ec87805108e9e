"""Whether a page can be read by everybody: what axe-core finds on it, on a desk; and no sideways scrolling on a phone."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
# Half of axe's time goes into reading the same dozen colours again for each text: here each is read once.
COLOURS_ONCE = """
;(() => {
    const color = axe.commons.color.Color.prototype, parse = color.parseString, known = new Map();
    color.parseString = function (text) {
        if (!known.has(text)) {
            const { r, g, b, alpha } = parse.call(this, text);
            known.set(text, { r, g, b, alpha });
        }
        return Object.assign(this, known.get(text));
    };
})();
"""
AXE = Axe(AXE_SCRIPT + COLOURS_ONCE)
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}  # all rules are run: of those kept it describes no element


def violations(page: Page, address: str) -> list[Any]:
    """What axe-core finds on the page that is open."""
    found = AXE.run(page, options=ONLY_VIOLATIONS).response["violations"]
    return [(address, item["id"], node["html"][:160]) for item in found for node in item["nodes"]]


def too_wide(page: Page, address: str) -> list[Any]:
    """The page that is open, if it is wider than a phone that shows it."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [(address, "wider than a phone", wide)] if wide > PHONE["width"] else []
