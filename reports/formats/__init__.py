"""Rows to bytes. A format is one module with a `Format`; it is known by its name."""

from reports.formats import csv, geojson, html, json, jsonl, md, parquet, tsv, xlsx
from reports.formats.base import Format

FORMATS: dict[str, Format] = {
    each.FORMAT.name: each.FORMAT
    for each in (csv, xlsx, tsv, json, jsonl, parquet, geojson, html, md)
}
# What can be chosen of some of them, by the names that pages and commands know.
OPTIONS = sorted({option for each in FORMATS.values() for option in each.options})

__all__ = ["FORMATS", "OPTIONS", "Format"]
