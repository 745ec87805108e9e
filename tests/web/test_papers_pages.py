"""The papers of a request on their pages: looked at in a language before they are kept, kept once, read again."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from web_making import acknowledged, acting, lodge, signed_in, table, text, typed


def test_a_paper_is_seen_in_spanish_before_it_is_kept_and_what_is_kept_is_what_was_seen(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    clerk = signed_in(essex.clerk)
    assert f"/requests/{request}/papers" in text(clerk, f"/requests/{request}")
    address = f"/requests/{request}/papers/notice_to_person?language=es"
    page = text(clerk, address)
    assert 'src="data:image/png;base64,' in page
    (seen,) = set(re.findall(r"\b[0-9a-f]{64}\b", page))
    pdf = clerk.get(f"/requests/{request}/papers/notice_to_person.pdf?language=es")
    assert hashlib.sha256(pdf.content).hexdigest() == seen
    with acting(essex.id):
        assert not table("Document").objects.filter(stream=request).exists()
    assert typed(clerk, address, language="es").status_code == 302
    with acting(essex.id):
        document = table("Document").objects.get(stream=request)
    assert (document.sha256, document.language) == (seen, "es")
    listed = text(clerk, f"/requests/{request}/papers")
    assert "kept and recorded" in listed
    assert clerk.get(f"/papers/{document.pk}.pdf").content == pdf.content
    assert "kept already" in text(clerk, address)
    assert typed(clerk, address, language="es").status_code == 302
    assert "kept before" in text(clerk, f"/requests/{request}/papers")


def test_each_side_has_its_papers_and_a_stranger_none(ice: Any, essex: Any, party: Callable[..., Any]) -> None:
    request = lodge(ice, essex)
    officer, stranger = signed_in(ice.officer), signed_in(party("custodian").clerk)
    listed = text(officer, f"/requests/{request}/papers")
    assert "request_sheet" in listed
    assert "hold_log" not in listed
    text(officer, f"/requests/{request}/papers/hold_log", 403)
    text(officer, f"/requests/{request}/papers/letter", 404)
    text(officer, f"/requests/{request}/papers/request_sheet?language=xx", 422)
    text(stranger, f"/requests/{request}/papers", 404)
    typed(officer, f"/requests/{request}/papers/request_sheet")
    with acting(ice.id):
        document = table("Document").objects.get(stream=request)
    assert signed_in(essex.clerk).get(f"/papers/{document.pk}.pdf").status_code == 404


def test_who_may_only_read_looks_and_does_not_keep(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    page = text(signed_in(essex.auditor), f"/requests/{request}/papers/request_sheet")
    assert "Keep and record" not in page
    assert "not for your role" in page
