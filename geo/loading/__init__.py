"""Loads bundled files into tables: completely and checked, or not at all."""

from geo.errors import LoadError
from geo.loading.runs import Loader, LoadReport

__all__ = ["LoadError", "LoadReport", "Loader"]
