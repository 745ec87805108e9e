"""A door of the exchange."""
