"""A supervisor adopts a layer of the agency's own law in a real browser: looked at first, then in the history."""

import pytest
from accessibility import DESK, violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Its first day is far off, so that no other test of this demo is answered under it.
LAYER = """path: us/ma/essex_county
name: Essex County, Massachusetts
kind: county
as_of: 2190-01-01
binds: the county's jail
summary: The county would hold.
rules:
  - id: essex-hold
    asks: [hold]
    binds: {facilities: [jail]}
    effect: permit
    spans: [{from: 2190-01-01}]
    cite: Order 7
    source: the order
    confidence: high
"""


def test_a_layer_is_chosen_as_a_file_looked_at_mended_and_adopted(visit, tmp_path):
    reader = visit("sheriff-supervisor", viewport=DESK)
    page = reader.page
    reader.opens("/law")
    page.get_by_role("link", name="Your own").click()
    file = tmp_path / "essex.yaml"
    file.write_text(LAYER.replace("effect: permit", "effect: permits"))
    page.set_input_files("[name=file]", file)
    page.fill("[name=from_day]", "2190-01-01")
    page.fill("[name=person]", "the sheriff")
    page.get_by_role("button", name="Look at it first").click()
    assert "Line 11: rules.effect [essex-hold]: [permits] is not one of" in reader.reads()
    assert violations(page, "a layer with a fault") == []
    page.fill("[name=text]", LAYER)
    page.get_by_role("button", name="Look at it first").click()
    said = reader.reads()
    assert "A jail may keep the person past release." in said
    assert "Without effect" in said
    assert violations(page, "a layer looked at") == []
    page.get_by_role("button", name="Adopt it").click()
    assert "is adopted from 2190-01-01 on" in reader.reads()
    assert "To come" in reader.reads()
    assert violations(page, "a layer adopted") == []
    assert reader.problems == []
