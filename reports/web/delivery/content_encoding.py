"""How a download is compressed on its way: as its name says, or as the reader accepts.

The bytes that an export counts and hashes are those before compression.
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
    """How the bytes of one download are compressed.

    named    the compression that its name asks for
    coding   the one that the reader accepts, undone before anybody sees it
    varies   whether what the reader accepts decides
    """

    named: Compression | None = None
    coding: Compression | None = None
    varies: bool = False

    def pieces(self, export: ExportPipeline) -> Generator[bytes]:
        """The export's bytes as they are sent."""
        compression = self.named or self.coding
        return compression.compressed(export.pieces()) if compression else export.pieces()

    def content_type(self, export: ExportPipeline) -> str:
        """The media type of what the reader keeps."""
        return self.named.content_type if self.named else export.format.content_type

    def head(self, response: HttpResponseBase, export: ExportPipeline) -> None:
        """Write the headers that say all that."""
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
    """The packing of a download whose name ends with this suffix; raises KeyError for others."""
    if suffix:
        return Packing(named=BY_SUFFIX[suffix])
    if format_.is_compressed:
        return Packing()
    return Packing(coding=accepted(request.headers.get("Accept-Encoding", "")), varies=True)


def accepted(header: str) -> Compression | None:
    """The best of our codings that the header prefers to none at all."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        if found := ACCEPTED.fullmatch(part):
            weights[found[1].lower()] = float(found[2] or 1)
    least = weights.get("identity", 0.0)
    offered = [(weights.get(each.coding, weights.get("*", 0.0)), each) for each in COMPRESSIONS]
    weight, best = max(offered, key=lambda pair: pair[0])
    return best if weight and weight >= least else None
