"""A visitor of the pages: what they read, press and type, and every error that their console showed."""

import re
import time
from typing import Any
from uuid import UUID, uuid5

from playwright.sync_api import ConsoleMessage, Page

CASES = UUID("2b0c1f2e-6f0a-5d0e-9d2c-6d6f3b1f5a11")  # exchange.case_file.NAMESPACE
# A form that is refused comes back with its status, which Chromium calls a failure to load.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (403|404|409|422)")


def stream(case: str, name: str) -> UUID:
    """The id that a stream of a case has in every exchange."""
    return uuid5(CASES, f"{case}/{name}")


class Visitor:
    """One signed-in user in a browser of their own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _REFUSED.match(message.text):
            self.problems.append(f"{self.page.url}: {message.text}")

    def signs_in(self, user: str, password: str) -> None:
        """Sign in by the form."""
        self.page.goto("/account/login/")
        self.page.fill("#id_login", user)
        self.page.fill("#id_password", password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url("**/")

    def opens(self, address: str) -> str:
        """Open an address; return what its main part says."""
        self.page.goto(address)
        return self.reads()

    def reads(self) -> str:
        """What the main part of the page says, its spaces collapsed."""
        return " ".join(self.page.locator("main").inner_text().split())

    def reads_all(self) -> str:
        """What the main part says with what is folded away."""
        return " ".join(str(self.page.locator("main").text_content()).split())

    def waits_for(self, text: str, address: str, seconds: float = 20) -> str:
        """Open an address again and again until it says a text: what another sent is on its way for a moment."""
        until = time.monotonic() + seconds
        while text not in (said := self.opens(address)):
            assert time.monotonic() < until, f"[{text}] does not come to be said at {address}: {said}"
            time.sleep(0.3)
        return said

    def fills(self, **fields: Any) -> None:
        """Fill the fields of a form by name (`__` for a dot): a text, the value of a choice, or several values."""
        for name, value in fields.items():
            self._fill(name.replace("__", "."), value)

    def _fill(self, name: str, value: Any) -> None:
        field = self.page.locator(f'main [name="{name}"]')
        kind = field.first.evaluate("field => field.type || field.tagName")
        if kind in ("radio", "checkbox"):
            wanted = [value] if isinstance(value, str) else list(value)
            for choice in field.all():
                # The design system draws the box itself and hides the control, so its label is what one presses.
                if (choice.get_attribute("value") in wanted) != choice.is_checked():
                    self.page.locator(f'label[for="{choice.get_attribute("id")}"]').click()
        elif kind.startswith("select"):
            field.first.select_option(value)
        else:
            field.first.fill(value)

    def presses(self, name: str, *, within: str = "main") -> str:
        """Press a button by what it says; return what the page that comes says."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("button", name=name).first.click()
        return self.reads()

    def follows(self, name: str, *, within: str = "main") -> str:
        """Follow a link by what it says; return what the page that comes says."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("link", name=name).first.click()
        return self.reads()

    @property
    def address(self) -> str:
        """Where the visitor is, without the host."""
        return "/" + self.page.url.split("/", 3)[3]
