"""Refusing expressions that databases answer differently."""

from typing import Any

from django.db.models import aggregates, functions
from django.db.models.functions import datetime as dates

from reports.errors import NotPortable
from reports.expressions.aggregates import Count, Max, Min, StringAgg

# Django's own classes that answer differently, and what to write instead.
REPLACEMENTS: dict[type, str] = {
    aggregates.StringAgg: "reports.expressions.StringAgg",
    aggregates.Count: "reports.expressions.Count",
    aggregates.Sum: "reports.expressions.Sum",
    aggregates.Avg: "reports.expressions.Avg",
    aggregates.Min: "reports.expressions.Min",
    aggregates.Max: "reports.expressions.Max",
    aggregates.AnyValue: "reports.expressions.AnyValue",
    dates.TruncBase: "reports.expressions.TruncDay, TruncMonth or TruncYear",
    dates.Extract: "a Trunc of reports.expressions",
    functions.Round: "places= of the column",
}
PORTABLE = (StringAgg, Min, Max, Count)


def check(expression: Any) -> None:
    """Raise NotPortable if anything in a resolved expression is known to differ."""
    for part in expression.flatten():
        if isinstance(part, PORTABLE):
            continue
        if isinstance(part, aggregates.Count) and not getattr(part, "distinct", False):
            continue  # only telling texts apart depends on the collation
        for refused, replacement in REPLACEMENTS.items():
            if isinstance(part, refused):
                raise NotPortable(
                    f"Django's {type(part).__name__} differs between the databases;"
                    f" use {replacement}."
                )
