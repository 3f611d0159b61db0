"""Errors in bundled files."""

from geo.errors import IsolineError


class LoadError(IsolineError):
    """A bundled file cannot be loaded: says where, what is wrong and what to do."""
