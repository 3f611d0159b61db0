"""The formats that rows are written in. Each is a module with a `Format`, found by its name."""

from reports.formats import csv, geojson, html, json, jsonl, md, parquet, tsv, xlsx
from reports.formats.base import Format

FORMATS: dict[str, Format] = {
    each.FORMAT.name: each.FORMAT
    for each in (csv, xlsx, tsv, json, jsonl, parquet, geojson, html, md)
}
# Options of any format, by the names that pages and commands use.
OPTIONS = sorted({option for each in FORMATS.values() for option in each.options})

__all__ = ["FORMATS", "OPTIONS", "Format"]
