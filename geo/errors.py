"""The errors that Isoline raises on purpose: their root, and that of bundled files."""


class IsolineError(Exception):
    """Base of all refusals: its text names what was wrong, where, and what to do."""


class LoadError(IsolineError):
    """A bundled file cannot be loaded: says where, what is wrong and what to do."""
