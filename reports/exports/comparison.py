"""Compares a report's results on several databases, row by row, to the byte."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from reports.formats.base import Document
from reports.formats.csv import RAW
from reports.queries.request import ReportRequest, bound, key_of
from reports.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first row that differs: its number (the header is 0) and each database's line."""

    row: int
    lines: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result of a comparison: rows and the SHA-256 of the raw CSV, by alias."""

    report: Report
    rows: Mapping[str, int]
    sha256: Mapping[str, str]
    difference: Difference | None

    @property
    def is_identical(self) -> bool:
        """Whether every database gave the same bytes."""
        return len(set(self.sha256.values())) == 1


def compare(
    report: Report,
    databases: Sequence[str],
    given: Mapping[str, Sequence[str]] | None = None,
    user: Any = None,
) -> Comparison:
    """Runs the report on all databases at once and compares the rows as they arrive.

    `user` decides which rows are compared; None compares all.

    Raises what building or running a statement raises.
    """
    request = ReportRequest(
        slug=report.slug, parameters=given or {}, user=key_of(user), sees_all=user is None
    )
    hashes = {alias: hashlib.sha256() for alias in databases}
    rows = dict.fromkeys(databases, -1)  # the header is no row
    difference = None
    with ExitStack() as stack:
        streams = []
        for alias in databases:
            asked = bound(replace(request, database=alias), user=user, report=report)
            result = asked.result()
            rows_of = stack.enter_context(closing(result.rows()))
            streams.append(RAW(Document(title="", columns=result.columns, rows=rows_of)))
        for number, lines in enumerate(zip_longest(*streams)):
            for alias, line in zip(databases, lines, strict=True):
                if line is not None:
                    hashes[alias].update(line.encode())
                    rows[alias] += 1
            if difference is None and len(set(lines)) > 1:
                difference = Difference(row=number, lines=dict(zip(databases, lines, strict=True)))
    return Comparison(
        report=report,
        rows=rows,
        sha256={alias: digest.hexdigest() for alias, digest in hashes.items()},
        difference=difference,
    )
