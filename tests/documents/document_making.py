"""One content of every kind of document, made up; names in five scripts; what a PDF holds."""

import re
import zlib
from typing import Any

from detainer.documents import contents
from detainer.documents.contents import (
    About,
    AnswerLetter,
    AskRow,
    Basis,
    Call,
    Clock,
    Consent,
    ConsentForm,
    CoverSheet,
    Entry,
    HandOverRecord,
    Head,
    HoldLog,
    NoticeToPerson,
    Number,
    PaperServed,
    Party,
    Person,
    Place,
    PrintPacket,
    ProofOfService,
    ReconciliationRow,
    ReconciliationSheet,
    ReleaseNotice,
    RequestSheet,
    Returned,
    Rule,
    Signature,
)
from detainer.documents.moments import Moment

NAMES = {
    "NotoNaskhArabic": "محمد عبد الرحمن",
    "NotoSansHebrew": "יצחק בן דוד",
    "NotoSansHans": "王小明",
    "NotoSans-Bold": "Nguyễn Thị Hồng Ánh",
    "NotoSans-Regular": "Jan-Batis Dézi Òbèl",
}
A_NUMBER = "A200000001"


def at(text: str, zone: str = "EST") -> Moment:
    """Return an instant in a zone's time."""
    return Moment(at=text, zone=zone)


def day(text: str) -> Moment:
    """Return a day, or any date as EDTF says it."""
    return Moment(first=text, last=text)


HEAD = Head(
    reference="0192f3c4-77aa-7b3e-9c51-6e0d5d0a1b2c",
    agency="Synthetic County Sheriff",
    rules_adopted_by="the sheriff",
    mark="5c0f6b3a9d1e47c28b60",
    as_of=at("2026-03-02T10:12"),
)


def about(name: str = "Ana María Núñez Example") -> About:
    """Return what tells a request from others, about a person of this name."""
    return About(
        person=Person(
            name=name,
            born=day("1990-05-01"),
            sex="female",
            citizenship="Honduras",
            numbers=(Number(kind="a_number", value=A_NUMBER),),
        ),
        requester=Party(name="Synthetic Field Office", contact="(555) 010-0100"),
        custodian=Party(name="Synthetic County Sheriff", contact="(555) 010-0150"),
        facility=Place(name="Synthetic County Jail", code="SYNTHMA", where="Synthetic County, MA"),
        form="I-247A",
        lodged=at("2026-03-02T09:30"),
        their_reference="SYN-26-0117",
        booking_number="26-00123",
    )


def contents_of(name: str = "Ana María Núñez Example") -> dict[str, Any]:
    """Return a full content of every kind of document, about a person of this name."""
    of = about(name)
    lunn = Rule(cite="Lunn v. Commonwealth, 477 Mass. 517 (2017)", sentence="A jail may not keep the person past release.")
    rows = (
        AskRow(ask="notify", answer="may", choice="honour", decided=at("2026-03-02T10:05"), reason="our policy"),
        AskRow(ask="hold", answer="must_not", rules=(lunn,), choice="decline", decided=at("2026-03-02T10:06")),
        AskRow(ask="interview", answer="needs_facts", missing=("Did the person agree?",), proposal_waits=True),
        AskRow(ask="share"),
    )
    request = RequestSheet(
        head=HEAD,
        about=of,
        asks=("notify", "hold"),
        basis=Basis(warrant="administrative", warrant_form="I-200", dated=day("2026-03-01"), probable_cause=("final_order",)),
        unit="civil_enforcement",
        form_edition="02/17",
        prepared=day("2026-03-02"),
        office="Synthetic Office",
        relay=True,
        events=False,
        returned=Returned(booking_number="26-00123", release=day("2026-03-07"), charge="larceny"),
    )
    cover = CoverSheet(
        head=HEAD,
        sender=of.requester,
        receiver=of.custodian,
        facility=of.facility,
        subject="lodged",
        recorded=at("2026-03-02T09:30"),
        reference="K7M2-Q9XD",
        code="4831 2207",
        address="https://exchange.example.org/receipt",
    )
    clock = Clock(
        kind="hold_expiry",
        rule="I-247A",
        due=at("2026-03-08T17:30", "EDT"),
        governs=True,
        arithmetic="48 h from 16:30 EST on 6 March: 17:30 EDT on 8 March, over the change to summer time",
    )
    told = {"ask": "hold", "choice": "honour"}
    entries = (
        Entry(at=at("2026-03-05T10:00"), what="decided", who=of.custodian.name, filled=told, note="our policy"),
        Entry(at=at("2026-03-06T16:31"), what="hold_started", who=of.custodian.name),
    )
    reconciled = (
        ReconciliationRow(reference="SYN-26-0117", lodged=at("2026-03-02T09:30"), received=at("2026-03-02T09:31")),
        ReconciliationRow(
            reference="SYN-26-0118", lodged=at("2026-03-02T09:40"), difference="never_delivered", why="the number was another's"
        ),
    )
    served = (PaperServed(what="notice_to_person", language="Español", sha256="0f" * 32),)
    calls = (Call(who="here", name=of.custodian.name, number=of.custodian.contact), Call(who="ice", number="(855) 448-6903"))
    found = (
        request,
        AnswerLetter(head=HEAD, about=of, place="us/ma/essex_county", law_day=day("2026-03-02"), rows=rows),
        ReleaseNotice(head=HEAD, about=of, of="release", at=at("2026-03-07T10:00"), given=at("2026-03-05T12:00"), how="exchange"),
        NoticeToPerson(head=HEAD, about=of, warrant="administrative", rows=rows, calls=calls),
        ProofOfService(
            head=HEAD,
            about=of,
            papers=served,
            served=at("2026-03-05T09:00"),
            how="in_person",
            language="Spanish",
            interpreter=True,
        ),
        ConsentForm(head=HEAD, about=of, consent=Consent(given=True, at=at("2026-03-03T09:00"), until=day("2026-03-10"))),
        HoldLog(head=HEAD, about=of, started=at("2026-03-06T16:31"), clocks=(clock,), entries=entries),
        HandOverRecord(head=HEAD, about=of, at=at("2026-03-07T10:00"), officer="badge 4411", papers=("I-200",), held=True),
        ReconciliationSheet(
            head=HEAD,
            requester=of.requester,
            custodian=of.custodian,
            first=day("2026-01-01"),
            last=day("2026-03-31"),
            rows=reconciled,
            sha256="c3" * 32,
            signatures=(Signature(who=of.requester.name, at=at("2026-04-02T09:00")),),
        ),
        PrintPacket(cover=cover, request=request),
        cover,
    )
    return {kind: next(one for one in found if type(one) is of_kind) for kind, of_kind in contents.KINDS.items()}


def inside(pdf: bytes) -> bytes:
    """Return a PDF with its compressed streams unpacked after it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"\n".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")


def letters(pdf: bytes) -> set[str]:
    """Return every character that a PDF says it shows (its maps from glyphs to Unicode)."""
    pairs = re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>", inside(pdf))
    return {
        letter for pair in pairs if len(pair) % 4 == 0 for letter in bytes.fromhex(pair.decode()).decode("utf-16-be", "ignore")
    }
