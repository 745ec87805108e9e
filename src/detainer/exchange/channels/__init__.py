"""The channels by which an agency is told of events beside its inbox: one module each, and the table of them (kinds.py)."""
