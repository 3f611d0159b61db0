"""Compression of downloads: by the name of the file, or by `Accept-Encoding`.

Exports count and hash the bytes before compression.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header

from reports.exports.compression import BY_SUFFIX, COMPRESSIONS, Compression
from reports.exports.pipeline import ExportPipeline
from reports.formats import Format

# A coding and its weight (RFC 9110, 12.5.3).
ACCEPTED = re.compile(r"\s*([^\s;,]+)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """The compression of one download.

    named    the compression that the file's name asks for
    coding   the one that the client accepts and undoes by itself
    varies   whether the response depends on what the client accepts
    """

    named: Compression | None = None
    coding: Compression | None = None
    varies: bool = False

    def pieces(self, export: ExportPipeline) -> Generator[bytes]:
        """Yields the export's bytes as they are sent."""
        compression = self.named or self.coding
        return compression.compressed(export.pieces()) if compression else export.pieces()

    def content_type(self, export: ExportPipeline) -> str:
        """Returns the media type of the file that the reader saves."""
        return self.named.content_type if self.named else export.format.content_type

    def head(self, response: HttpResponseBase, export: ExportPipeline) -> None:
        """Sets the response's headers."""
        name = f"{export.statement.report.slug}.{export.format.name}"
        if self.named:
            name = f"{name}.{self.named.suffix}"
        response.headers["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=name
        )
        if self.coding:
            response.headers["Content-Encoding"] = self.coding.coding
        if self.varies:
            patch_vary_headers(response, ["Accept-Encoding"])


def packing(request: HttpRequest, format_: Format, suffix: str) -> Packing:
    """Returns the packing for a file name with this suffix. Raises KeyError for an unknown one."""
    if suffix:
        return Packing(named=BY_SUFFIX[suffix])
    if format_.is_compressed:
        return Packing()
    return Packing(coding=accepted(request.headers.get("Accept-Encoding", "")), varies=True)


def accepted(header: str) -> Compression | None:
    """Returns our best coding that the header prefers to no coding."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        if found := ACCEPTED.fullmatch(part):
            weights[found[1].lower()] = float(found[2] or 1)
    least = weights.get("identity", 0.0)
    offered = [(weights.get(each.coding, weights.get("*", 0.0)), each) for each in COMPRESSIONS]
    weight, best = max(offered, key=lambda pair: pair[0])
    return best if weight and weight >= least else None
