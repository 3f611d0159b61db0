"""Tab-separated values in UTF-8 with CRLF: CSV with another separator, in the same dialects.

A field that holds a tab, a quote or a line end is quoted as in CSV; for people, so is one with a
comma or a semicolon, at which LibreOffice splits a file of tabs too.
"""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from reports.formats.base import SPREADSHEETS, Format, Offer, Writer
from reports.formats.csv import EXCEL, LINE_ENDS, RAW, SAFE

DIALECTS: dict[str, Writer] = {
    "safe": replace(SAFE, separator="\t", guarded=",;"),
    "raw": replace(RAW, separator="\t"),
    "excel": replace(EXCEL, separator="\t", guarded=",;"),
}
FORMAT = Format(
    name="tsv",
    content_type="text/tab-separated-values; charset=utf-8",
    dialects=DIALECTS,
    options={"line_end": LINE_ENDS},
    offers=[Offer(SPREADSHEETS, _("TSV"), _("The same, separated by tabs"))],
)
