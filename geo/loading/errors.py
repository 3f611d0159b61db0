"""Errors in bundled files."""


class LoadError(Exception):
    """A bundled file cannot be loaded: says where, what is wrong and what to do."""
