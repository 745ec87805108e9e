"""Makes docs/img: a picture of each page, as each of the demo's users sees it. `make screenshots`.

Starts a demo of its own on a free port. The pictures are the same from run to run but for the day on which they are made:
the demo's working day is today's.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final, cast

from playwright.sync_api import Browser, Page, sync_playwright

from detainer.exchange.case_file import stream_id

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from build_making import build, rows

HERE: Final = Path(__file__).parent / "img"
WIDTH, HEIGHT = 1280, 800
LONGEST: Final = 1600  # pixels: what is further down a page is in no guide
PASSWORD: Final = "only-for-the-demo"  # noqa: S105  (printed by the demo itself)
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
]


def of(kind: str, case: str, name: str) -> str:
    """Return the address of a case's stream."""
    return f"/{kind}s/{stream_id(case, name)}"


LYNN, SHOULD, TODAY = "lynn-2024", "lynn-2024-as-it-should-have-gone", "essex-today"

# what anybody sees: (name of the picture, address)
LAW: Final[tuple[tuple[str, str], ...]] = (
    ("law-map", "/law?ask=hold&on=2026-06-01"),
    ("law-state", "/law/us/nj?on=2026-06-01"),
    ("law-ask", "/law/ask?place=us/ma/essex_county&ask=notify&on=2024-01-29&facility=court"),
    ("law-ask-question", "/law/ask?place=us/ca/los_angeles_county&ask=notify&on=2024-05-01&facility=jail"),
)

OUTCOMES: Final[tuple[tuple[str, str], ...]] = (
    ("outcomes-tables", "/outcomes?by=state_year"),
    ("outcomes-report", "/outcomes/report"),
)

# user -> (name of the picture, address)
PAGES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "sheriff": (
        ("board-custodian", "/"),
        ("inbox", "/inbox"),
        ("request-to-decide", of("request", TODAY, "dogwood")),
        ("request-notice-due", of("request", TODAY, "cedar")),
        ("request-held", of("request", TODAY, "elm")),
        ("request-contested", of("request", TODAY, "fir")),
        ("request-promised", of("request", TODAY, "birch")),
        ("receipt", "/receipt"),
        ("request-give-notice", f"{of('request', TODAY, 'cedar')}/give_notice"),
        ("stays", "/stays"),
        ("stay", of("stay", TODAY, "stay-dogwood")),
        ("stay-release", f"{of('stay', TODAY, 'stay-elm')}/release-check"),
        ("reconciliation", f"/reconciliation?month={time.strftime('%Y-%m')}"),
        ("stay-book", "/stays/book"),
        ("stay-roster", "/stays/roster"),
        ("lynn-stay-sheriff", of("stay", LYNN, "stay")),
        ("lynn-request-sheriff", of("request", LYNN, "request")),
        ("proof", f"/proof?stream={stream_id(TODAY, 'cedar')}"),
    ),
    "sheriff-supervisor": (
        ("request-second-person", of("request", TODAY, "hazel")),
        ("agency-channels", "/agency/channels"),
        ("agency-agreements", "/agency/agreements"),
    ),
    "court": (
        ("board-court", "/"),
        ("lynn-request-court", of("request", LYNN, "request")),
        ("lynn-as-it-should-have-gone", of("request", SHOULD, "request")),
    ),
    "ero": (
        ("board-requester", "/"),
        ("directory", "/directory?q=essex"),
        ("facility", "/directory/ESSEXMA"),
        ("lodge", "/requests/lodge?facility=ESSEXMA"),
        ("request-reminded", of("request", TODAY, "dogwood")),
        ("files", "/files"),
        ("lynn-file", of("file", LYNN, "file")),
        ("lynn-request-ero", of("request", LYNN, "request")),
        ("request-not-here", of("request", TODAY, "juniper")),
    ),
    "oversight": (
        ("board-oversight", "/"),
        ("lynn-request-oversight", of("request", LYNN, "request")),
        ("lynn-stay-oversight", of("stay", LYNN, "stay")),
    ),
}


def choices(page: Page) -> None:
    """A name instead of a code: the form comes back with the facilities to choose from."""
    page.fill('[name="facility"]', "Essex County Jail")
    page.fill('[name="person.name"]', "Synthetic Spruce")
    with page.expect_navigation():
        page.click('button[name="send"]')


def checked(page: Page) -> None:
    """The law's answers before anything is sent."""
    page.fill('[name="facility"]', "ESSEXMA")
    page.click('label:has-text("Administrative (I-200 or I-205)")')
    with page.expect_navigation():
        page.click('button[name="check"]')


class WantsNoMore(BaseHTTPRequestHandler):
    """A receiver that takes nothing any more."""

    def do_POST(self) -> None:
        """Answer 410."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(410)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def undelivered(page: Page) -> None:
    """A message that the custodian's server does not take: it needs a person."""
    server = HTTPServer(("127.0.0.1", 0), WantsNoMore)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    supervisor = signed_in(cast("Browser", page.context.browser), page.url.removesuffix("/requests/lodge"), "sheriff-supervisor")
    supervisor.goto("/agency/channels")
    webhook = supervisor.locator("#channel-webhook")
    webhook.locator("summary").first.click()
    webhook.locator('[name="address"]').fill(f"http://127.0.0.1:{server.server_port}/hooks/detainer")
    webhook.locator('button[value="save"]').click()
    supervisor.wait_for_load_state("networkidle")
    supervisor.context.close()
    page.goto(f"{of('request', TODAY, 'alder')}/state")
    page.fill('[name="text"]', "The papers of the warrant follow by courier.")
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    until = time.monotonic() + 20
    page.goto("/deliveries")
    while not page.get_by_text("Told by telephone").count() and time.monotonic() < until:
        time.sleep(0.5)
        page.reload()
    server.shutdown()


DOING: Final[tuple[tuple[str, Callable[[Page], None]], ...]] = (
    ("lodge-choices", choices),
    ("lodge-law", checked),
    ("deliveries", undelivered),
)


@contextmanager
def demo() -> Iterator[str]:
    """Run a demo on a free port; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="detainer-screenshots-") as folder:
        made = build(Path(folder) / "outcomes", rows(6_000)[1:])  # invented detainers: the demo has too few to count
        served = ["--data", f"{folder}/data", "--port", str(port), "--outcomes", str(made)]
        command = [sys.executable, "-m", "detainer.cli", "serve", "--demo", *served]
        env = {**os.environ, "DETAINER_NETWORKS": "127.0.0.1/32"}  # for the receiver of `undelivered`
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, env=env)  # noqa: S603  (our own command)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    """Wait until the demo is ready. Raises RuntimeError when it ends or does not become so."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as reply:  # noqa: S310  (our own address)
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the demo at {url} does not answer")


def open_page(browser: Browser, url: str) -> Page:
    """Return a page of a new session; everything that could differ from run to run is fixed."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="en-US",
        timezone_id="America/New_York",
        reduced_motion="reduce",
        device_scale_factor=1,
    )
    return context.new_page()


def signed_in(browser: Browser, url: str, user: str) -> Page:
    """Return a page of a new session of one of the demo's users."""
    page = open_page(browser, url)
    page.goto("/account/login/")
    page.fill("#id_login", user)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/")
    return page


def picture(page: Page, name: str) -> None:
    """Write a picture of the page from its top."""
    page.wait_for_load_state("networkidle")
    height = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": max(HEIGHT, height)}
    page.screenshot(path=HERE / f"{name}.png", full_page=True, clip=clip, animations="disabled", caret="hide")
    sys.stdout.write(f"docs/img/{name}.png\n")


def make(browser: Browser, url: str) -> None:
    """Make every picture: what is open to all first, then each user's pages."""
    page = open_page(browser, url)
    for name, address in (("sign-in", "/account/login/"), *LAW, *OUTCOMES):
        page.goto(address)
        picture(page, name)
    page.context.close()
    for user, pages in PAGES.items():
        page = signed_in(browser, url, user)
        for name, address in pages:
            page.goto(address)
            picture(page, name)
        for name, doing in DOING if user == "ero" else ():
            page.goto("/requests/lodge")
            doing(page)
            picture(page, name)
        page.context.close()


def main() -> None:
    """Make the pictures anew."""
    HERE.mkdir(exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS)
        make(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
