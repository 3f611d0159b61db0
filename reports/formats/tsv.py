"""Tab-separated values in UTF-8 with CRLF: CSV with another separator, in the same dialects.

A field with a tab, a quote or a line end is quoted as in CSV.
"""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from reports.formats.base import SPREADSHEETS, Format, Offer, Writer
from reports.formats.csv import EXCEL, LINE_ENDS, RAW, SAFE

DIALECTS: dict[str, Writer] = {
    "safe": replace(SAFE, separator="\t"),
    "raw": replace(RAW, separator="\t"),
    "excel": replace(EXCEL, separator="\t"),
}
FORMAT = Format(
    name="tsv",
    content_type="text/tab-separated-values; charset=utf-8",
    dialects=DIALECTS,
    options={"line_end": LINE_ENDS},
    offers=[Offer(SPREADSHEETS, _("TSV"), _("As CSV, separated by tabs"))],
)
