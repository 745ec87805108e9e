"""Every page, walked from the URL map, as every role of an agency that has no part in it: nothing of another's appears."""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from web_making import acting, do, now, signed_in, table

MARK = "Zzmarkerzz"
PERSON = {"name": f"{MARK} Person", "date_of_birth": "1990-05-01", "numbers": {"a_number": f"{MARK}-A1"}}


@dataclass(frozen=True)
class Scene:
    """Two agencies with a request, a stay and a file between them, all marked, and what their addresses are made of."""

    request: UUID
    stay: UUID
    file: UUID
    document: UUID
    facility: str
    insiders: tuple[Any, ...]


@pytest.fixture(scope="module")
def scene(party: Callable[..., Any]) -> Scene:
    """A marked request that was acknowledged, decided in part, contested and answered to."""
    ice, essex = party("requester", facility_kind="federal", jurisdiction="us"), party("custodian")
    file = do(
        ice.officer, "file.begin", {"person": PERSON, "kind": "encountered", "data": {"note": f"{MARK} file", "place": MARK}}
    )
    stay = do(essex.clerk, "stay.book", {"facility": essex.facility, "booking_number": f"{MARK}-{essex.key}", "person": PERSON})
    told = {"facility": essex.facility, "form": "I-247A", "asks": ["notify", "hold"], "person": PERSON, "note": f"{MARK} note"}
    request = do(ice.officer, "request.lodge", {**told, "reference": f"{MARK}-R", "contact": MARK})
    do(essex.clerk, "request.acknowledge", {"stay": str(stay), "note": MARK}, request)
    do(essex.clerk, "request.decide", {"ask": "hold", "choice": "decline", "reason": MARK}, request)
    do(essex.clerk, "request.contest", {"ground": "citizenship", "claimed_by": "person", "note": MARK}, request)
    do(essex.clerk, "stay.release_due", {"cause": "bail_posted", "note": MARK}, stay)
    kept = {"kind": "hold_log", "language": "en", "sha256": "0" * 64, "pdf": f"%PDF-1.7 {MARK}".encode(), "made_at": now()}
    with acting(essex.id):
        document = table("Document").objects.create(agency_id=essex.id, stream_id=request, **kept).pk
    return Scene(request, stay, file, document, essex.facility, (ice, essex))


def routes() -> Iterator[tuple[str, list[str]]]:
    """Every address of the URL map that is not the API's or allauth's, with the names of what it takes."""
    from django.urls import URLPattern, get_resolver

    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            yield str(entry.pattern), list(entry.pattern.converters)


COMMAND_NAMES = (
    *("acknowledge", "decide", "cancel", "record_facts", "correct", "state", "release", "record", "charge"),
    *("will_answer", "receive", "answer_clock", "consent"),
)


def command_names(kind: str) -> list[str]:
    """The commands that a stream of this kind takes, and one that it does not take: all of those are answered alike."""
    from detainer.exchange.commands import COMMANDS

    taken = {command.name for command in COMMANDS if command.stream == kind}
    return [*(name for name in COMMAND_NAMES if name in taken), next(name for name in COMMAND_NAMES if name not in taken)]


# Of a parameter, by its name: every address that it can make for the marked record. A new parameter must be named here.
def values(name: str, route: str, scene: Scene) -> list[str]:
    """What a parameter can be that leads to the marked record."""
    known = {
        "request_id": [str(scene.request)],
        "stream": [str(scene.stay if route.startswith("stays") else scene.file)],
        "name": command_names(route.partition("/")[0].removesuffix("s")),
        "code": [scene.facility],
        "kind": ["request_sheet", "hold_log", "letter"],
        "document": [str(scene.document)],
        "place": ["us/ma/essex_county"],  # of the law's pages, which are anybody's and show no record
        "table": ["outcome_mix.csv"],  # of published outcomes, which are anybody's and show no record
    }
    assert name in known, f"say in this test what [{name}] of /{route} can be"
    return known[name]


def addresses(scene: Scene) -> list[str]:
    """Every address of every page, filled with the marked record's ids, and those that take them in the query."""
    found = []
    for route, names in routes():
        filled = [route]
        for name in names:
            part = next(iter(re.findall(rf"<\w+:{name}>", route)))
            filled = [one.replace(part, value) for one in filled for value in values(name, route, scene)]
        found += [f"/{one}" for one in filled]
    ids = (scene.request, scene.stay, scene.file)
    return [
        *found,
        *(f"/proof?stream={one}" for one in ids),
        f"/requests/lodge?replaces={scene.request}",
        "/?show=all",
        "/stays?show=ended",
    ]


OUTSIDERS = {
    "custodian": {"jurisdiction": "us/ma/bristol"},
    "court": {"facility_kind": "court"},
    "requester": {"facility_kind": "federal", "jurisdiction": "us"},
    "oversight": {"facility_kind": "federal", "jurisdiction": "us"},
    "counsel": {"facility_kind": "federal", "jurisdiction": "us"},
}


ROLES = ("clerk", "supervisor", "officer", "auditor")


@pytest.fixture(scope="module")
def outsiders(party: Callable[..., Any]) -> dict[str, Any]:
    """An agency of each kind that has no part in the scene."""
    return {kind: party(kind, **place) for kind, place in OUTSIDERS.items()}


@pytest.mark.parametrize("kind", OUTSIDERS)
@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_another_agencys_record(kind: str, role: str, scene: Scene, outsiders: dict[str, Any]) -> None:
    client = signed_in(getattr(outsiders[kind], role))
    for address in addresses(scene):
        for response in (client.get(address), client.post(address, {"version": "1"})):
            assert response.status_code < 500, address
            page = response.content.decode()
            assert MARK not in page, f"{kind} {role} sees another's record at {address}"
            if address.startswith(("/requests/", "/stays/", "/files/", "/papers/")) and any(
                str(one) in address.split("?")[0] for one in (scene.request, scene.stay, scene.file, scene.document)
            ):
                assert response.status_code in (403, 404, 405), f"{address}: {response.status_code}"


def _shown(response: Any) -> str:
    """A page without the id that was asked for and the token of its forms."""
    return re.sub(r"[0-9a-f-]{36}|Token&quot;: &quot;\w+|Token\": \"\w+", "", response.content.decode())


def test_a_strangers_page_is_the_same_as_that_of_nothing(scene: Scene, party: Callable[..., Any]) -> None:
    client = signed_in(party("custodian").clerk)
    there = client.get(f"/requests/{scene.request}")
    absent = client.get("/requests/01890000-0000-7000-8000-000000000000")
    assert there.status_code == absent.status_code == 404
    assert _shown(there) == _shown(absent)


def test_who_is_not_signed_in_sees_no_page(scene: Scene) -> None:
    from django.test import Client

    for address in addresses(scene):
        response = Client().get(address)
        assert MARK not in response.content.decode()
        # Anybody's: the law, and the receipt of a paper, which shows nothing; no outcomes are published here.
        expected = {"/law": (200,), "/outcomes": (404,), "/receipt/answers": (302,), "/receipt": (200,)}
        codes = next((codes for start, codes in expected.items() if address.startswith(start)), (302, 405))
        assert response.status_code in codes, address


@pytest.fixture(scope="module")
def pages(scene: Scene) -> Callable[[Any], dict[str, Any]]:
    """What every address answers to an actor, by address: walked once for each actor."""

    @functools.cache
    def of(actor: Any) -> dict[str, Any]:
        client = signed_in(actor)
        return {address: client.get(address) for address in addresses(scene)}

    return of


def test_the_walk_would_see_a_leak(scene: Scene, pages: Callable[[Any], dict[str, Any]]) -> None:
    """The parties themselves see the mark: the walk looks at the pages where it stands."""
    for insider, seen in ((scene.insiders[0].officer, scene.file), (scene.insiders[1].clerk, scene.stay)):
        shown = [address for address, page in pages(insider).items() if MARK in page.content.decode(errors="replace")]
        assert f"/requests/{scene.request}" in shown
        assert "/" in shown
        assert any(str(seen) in address for address in shown)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_answers_to_every_role_of_its_own_agencies(
    role: str, scene: Scene, pages: Callable[[Any], dict[str, Any]]
) -> None:
    for insider in scene.insiders:
        for address, page in pages(getattr(insider, role)).items():
            assert page.status_code in (200, 302, 403, 404, 405, 409), address
            assert "Label(" not in page.content.decode(errors="replace"), f"a value of ours, not its words, is in {address}"


def test_the_other_sides_own_records_stay_its_own(scene: Scene) -> None:
    ice, essex = scene.insiders
    for client, address in (
        (signed_in(essex.supervisor), f"/files/{scene.file}"),
        (signed_in(ice.supervisor), f"/stays/{scene.stay}"),
    ):
        response = client.get(address)
        assert response.status_code in (403, 404)
        assert MARK not in response.content.decode()
    page = signed_in(essex.clerk).get(f"/requests/{scene.request}").content.decode()
    assert f"{MARK} file" not in page
