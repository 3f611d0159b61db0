"""Django's expressions, with one answer on every database."""

from reports.expressions.aggregates import AnyValue, Avg, Count, Max, Min, StringAgg, Sum
from reports.expressions.dates import TruncDay, TruncMonth, TruncYear
from reports.expressions.text import CodePoint

__all__ = [
    "AnyValue",
    "Avg",
    "CodePoint",
    "Count",
    "Max",
    "Min",
    "StringAgg",
    "Sum",
    "TruncDay",
    "TruncMonth",
    "TruncYear",
]
