"""Tests of the API. A package, so that its fixtures stand beside those of all tests and not in their place."""
