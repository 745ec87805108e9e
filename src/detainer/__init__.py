"""Detainer: one shared, provable record of each custody detainer, from lodging to outcome."""

__version__ = "0.1.0"
