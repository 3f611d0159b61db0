"""Rows to bytes. A format is one module with a `Format`; it is known by its name."""

from reports.formats import csv, geojson, html
from reports.formats.base import Format

FORMATS: dict[str, Format] = {each.name: each for each in (csv.FORMAT, html.FORMAT, geojson.FORMAT)}

__all__ = ["FORMATS", "Format"]
