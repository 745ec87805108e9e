"""What a machine is told when a call is wrong: problem+json: what, where, what would be right; nothing is written."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from .scene import LODGE

MIB = 1024 * 1024
SQL = "'; DROP TABLE event; --"
HTML = "<script>alert(1)</script>"


@pytest.fixture
def events_in_all(as_worker: Any) -> Callable[[], int]:
    def count() -> int:
        from detainer.exchange.models import Event

        with as_worker():
            return Event.objects.count()

    return count


def lodge(scene: Any, **more: Any) -> dict[str, Any]:
    return {**LODGE, "facility": scene.custodian.facility, **more}


TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"facility": "NOWHERE1"}, "facility", "facility-unknown"),
        ({"asks": []}, "asks", "invalid"),
        ({"asks": ["arrest"]}, "asks.0", "invalid"),
        ({"asks": ["notify", "notify"]}, "asks", "invalid"),
        ({"form": "I-247G", "asks": ["hold"]}, "asks", "contradiction"),
        ({"form": "I-999"}, "form", "invalid"),
        ({"occurred": TOMORROW}, "occurred", "invalid"),
        ({"occurred": "1989-01-01"}, "occurred", "invalid"),
        ({"occurred": "the day before yesterday"}, "occurred", "invalid"),
        ({"occurred": "2024-02-30"}, "occurred", "invalid"),
        ({"occurred": "2024-03-28/2024-01-29"}, "occurred", "invalid"),
        ({"occurred": "2024-01-29T09:30"}, "occurred", "invalid"),
        ({"occurred": 7}, "occurred", "invalid"),
        ({"version": "three"}, "version", "invalid"),
        ({"prepared_on": TOMORROW}, "prepared_on", "invalid"),
        ({"person": {"name": ""}}, "person.name", "invalid"),
        ({"person": {"name": "A B", "date_of_birth": "2999-01-01"}}, "person.date_of_birth", "invalid"),
        ({"person": None}, "person", "invalid"),
        ({"reference": "two\nlines"}, "reference", "invalid"),
        ({"reference": "x" * 201}, "reference", "invalid"),
        ({"reference": "nul\x00"}, "reference", "invalid"),
        ({"colour": "red"}, "colour", "invalid"),
    ],
)
def test_a_request_that_is_wrong_is_refused_by_the_field(
    scene: Any, events_in_all: Any, wrong: dict[str, Any], field: str, problem: str
) -> None:
    before = events_in_all()
    reply = scene.officer.post("/requests", lodge(scene, **wrong))
    assert (reply.status, reply.problem) == (422, problem)
    assert field in reply.fields
    assert events_in_all() == before


def test_a_facility_named_by_its_name_is_refused_with_the_candidates(scene: Any) -> None:
    name = scene.officer.get(f"/facilities/{scene.custodian.facility}").told["name"]
    reply = scene.officer.post("/requests", lodge(scene, facility=name))
    assert reply.problem == "facility-ambiguous"
    assert scene.custodian.facility in [candidate["code"] for candidate in reply.told["candidates"]]
    assert {"county", "state"} <= set(reply.told["candidates"][0])


def test_a_release_before_the_booking_is_refused(scene: Any) -> None:
    stay = scene.book(occurred="2026-01-05T10:00:00Z")
    reply = scene.clerk.post(f"/stays/{stay}/release", {"occurred": "2026-01-04T10:00:00Z"})
    assert (reply.status, reply.fields) == (422, ["occurred"])


def test_a_closed_request_takes_no_decision_and_a_released_person_no_hand_over(scene: Any) -> None:
    request, stay = scene.lodge(), scene.book()
    scene.clerk.done(f"/requests/{request}/acknowledge", {"stay": stay})
    scene.clerk.done(f"/stays/{stay}/release", {"cause": "bail_posted"})
    for command, said in (("decide", {"ask": "notify", "choice": "honour"}), ("hand-over", {})):
        reply = scene.clerk.post(f"/requests/{request}/{command}", said)
        assert (reply.status, reply.problem) == (409, "state"), command


def test_a_decision_against_the_laws_answer_needs_a_reason_and_a_second_person(scene: Any) -> None:
    request, stay = scene.lodge(), scene.book()
    scene.clerk.done(f"/requests/{request}/acknowledge", {"stay": stay})
    against = {"ask": "hold", "choice": "honour"}
    assert scene.clerk.post(f"/requests/{request}/decide", against).fields == ["reason"]
    scene.clerk.done(f"/requests/{request}/decide", {**against, "reason": "a judge ordered it"})
    reply = scene.clerk.post(f"/requests/{request}/confirm-decision", {"ask": "hold"})
    assert (reply.status, reply.problem) == (409, "second-person")


def test_sql_and_html_in_every_text_field_is_kept_as_the_text_that_it_is(scene: Any) -> None:
    for text in (SQL, HTML):
        said = lodge(scene, reference=text, contact=text, note=text, person={"name": text, "citizenship": text})
        request = scene.officer.done("/requests", said)["id"]
        shown = scene.clerk.get(f"/requests/{request}").told
        assert (shown["request"]["reference"], shown["identity"]["name"]) == (text, text)
        reply = scene.clerk.get("/facilities", q=text)
        assert (reply.status, reply.told["facilities"]) == (200, [])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"asks": NaN}', b'{"a": "\\ud800"}', b"[" * 5000, b'{"a":' * 5000]
)
def test_a_body_that_is_no_json_object_is_refused(scene: Any, body: bytes) -> None:
    reply = scene.officer.post("/requests", body)
    assert (reply.status, reply.problem) == (422, "invalid")


def test_a_body_of_another_kind_is_refused_with_the_kind_that_is_taken(scene: Any) -> None:
    reply = scene.officer.post("/requests", b"<xml/>", content_type="text/xml")
    assert (reply.status, reply.problem) == (415, "about:blank")
    assert "application/json" in reply.told["detail"]
    assert scene.clerk.post("/stays:batch", b"{}", content_type="application/json").status == 415


def test_a_body_over_one_mebibyte_is_refused_and_one_just_below_is_read(scene: Any, events_in_all: Any) -> None:
    before = events_in_all()
    large = json.dumps(lodge(scene)).encode()
    assert scene.officer.post("/requests", large + b" " * (MIB - len(large))).status == 201
    reply = scene.officer.post("/requests", large + b" " * (MIB - len(large) + 1))
    assert (reply.status, reply.problem) == (413, "too-large")
    assert scene.officer.post(f"/identities/{uuid4()}/expunge", b" " * (MIB + 1)).status == 413
    assert events_in_all() == before + 2  # the one request: lodged, answered


def test_a_length_that_is_a_lie_does_not_get_a_larger_body_in(database: Any, scene: Any) -> None:
    from django.test import RequestFactory

    from detainer.api import bodies
    from detainer.exchange.refusals import Refused

    call = RequestFactory().post("/api/v1/requests", b" " * 100, content_type="application/json")
    call.META.update(CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    with pytest.raises(Refused) as refused:
        bodies.whole(call, bodies.JSON, 99)
    assert refused.value.kind == "too-large"


@pytest.mark.parametrize("path", ["/requests", "/stays", "/files", "/inbox", "/agencies"])
@pytest.mark.parametrize("cursor", ["x", "AAAA", "ćć", "MCAw", "YWZ0ZXIgAA", "=", "a" * 200, "YWZ0ZXIgMTIz"])
def test_a_cursor_that_the_list_did_not_give_is_refused_or_leads_to_an_empty_page(scene: Any, path: str, cursor: str) -> None:
    reply = scene.officer.get(path, after=cursor)
    assert reply.status in (200, 422)
    if reply.status == 422:
        assert reply.fields == ["after"]


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "9999"}, {"limit": "x"}, {"live": "perhaps"}, {"state": "gone"}, {"facility": "%"}]
)
def test_a_filter_that_is_wrong_is_refused_by_its_name(scene: Any, query: dict[str, str]) -> None:
    reply = scene.officer.get("/requests", **query)
    assert (reply.status, reply.fields) == (422, list(query))


def test_a_filter_that_is_misspelt_does_not_mean_everything_and_there_is_no_search_of_people(scene: Any) -> None:
    for name in ("facilty", "q", "name"):
        reply = scene.officer.get("/requests", **{name: "Marker"})
        assert (reply.status, reply.fields) == (422, [name])
    assert scene.clerk.get("/stays", q="Marker").status == 422


def test_an_address_that_leads_nowhere_and_a_method_that_is_not_there_are_problems_too(scene: Any) -> None:
    assert scene.officer.get("/nowhere").problem == "not-found"
    assert scene.officer.get("/").problem == "not-found"
    reply = scene.officer.call("DELETE", "/requests")
    assert (reply.status, reply.problem) == (405, "about:blank")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "POST"}
    assert scene.officer.call("PUT", "/openapi.json").status == 405


def test_an_id_that_is_none_is_refused_before_anything_is_asked(scene: Any) -> None:
    for path in ("/requests/17", f"/requests/{SQL}", "/stays/%00"):
        assert scene.officer.get(path).status == 422


def test_what_nobody_foresaw_is_a_bare_problem_and_the_log_holds_no_name(
    scene: Any, as_superuser: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import connection

    with as_superuser(), connection.cursor() as cursor:  # PostgreSQL's message of it tells the whole row
        cursor.execute("ALTER TABLE identity ADD CONSTRAINT odd CHECK (name <> 'Zebulon Marker') NOT VALID")
    try:
        reply = scene.officer.post("/requests", lodge(scene))
    finally:
        with as_superuser(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE identity DROP CONSTRAINT odd")
    assert (reply.status, reply.problem) == (500, "about:blank")
    assert "IntegrityError" in caplog.text
    assert "Marker" not in caplog.text + reply.body.decode()


# --- who calls ---


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer dtn_wrong", "Basic dXNlcjpwYXNz", "Token x", "Bearer ćć"]
)
def test_without_a_live_token_nothing_opens(scene: Any, caller: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/requests"), ("POST", "/requests"), ("GET", "/events")):
        reply = caller().call(method, path, headers=headers)
        assert (reply.status, reply.problem) == (401, "not-signed-in")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_revoked_over_or_of_a_user_who_left_opens_nothing(scene: Any, caller: Any, as_worker: Any) -> None:
    from detainer.exchange.models import Token, User

    over = caller(scene.requester.id, "request", days=-1)
    assert over.get("/me").status == 401
    assert scene.officer.get("/me").status == 200
    with as_worker():
        User.objects.filter(pk=scene.requester.supervisor.user).update(is_active=False)
    assert scene.officer.get("/me").status == 401
    revoked = caller(scene.requester.id, "request")
    assert revoked.get("/me").told["roles"] == ["officer"]
    with as_worker():
        Token.objects.filter(agency=scene.requester.id).update(revoked_at=dt.datetime.now(dt.UTC))
    assert revoked.get("/me").status == 401


def test_the_session_of_a_pages_user_opens_nothing_here(scene: Any, as_worker: Any) -> None:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from detainer.exchange.models import User

    assert get_user_model() is User
    client = Client(enforce_csrf_checks=True)
    with as_worker():
        client.force_login(User.objects.get(pk=scene.requester.supervisor.user))
    assert client.get("/api/v1/requests").status_code == 401


def test_a_scope_is_a_role_a_reader_may_not_write(scene: Any, caller: Any) -> None:
    reader, clerk = caller(scene.requester.id, "read"), caller(scene.requester.id, "custody")
    assert reader.get("/requests").status == 200
    for wrong in (reader, clerk):
        reply = wrong.post("/requests", lodge(scene))
        assert (reply.status, reply.problem) == (403, "not-allowed")
    assert reader.get("/me").told["roles"] == ["auditor"]


def test_nothing_that_the_api_answers_is_kept_in_a_cache(scene: Any) -> None:
    for reply in (scene.officer.get("/requests"), scene.officer.get("/nowhere"), scene.officer.post("/requests", lodge(scene))):
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in reply.headers
