"""The record: events, and what they add up to. Pure: no database, no framework, no clock of its own."""
