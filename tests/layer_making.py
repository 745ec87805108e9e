"""A county's own layer of law, as its agency hands it in."""

LAYER = """path: us/ma/essex_county
name: Essex County, Massachusetts
kind: county
as_of: 2024-01-01
binds: the county's jail
summary: The county tells ICE of no release.
rules:
  - id: essex-no-notice
    asks: [notify]
    binds: {facilities: [jail]}
    effect: forbid
    spans: [{from: 2024-01-01}]
    cite: Order 7
    source: the order
    confidence: high
"""
