"""The root of all errors that Isoline raises on purpose."""


class IsolineError(Exception):
    """Base of all refusals: its text names what was wrong, where, and what to do."""
