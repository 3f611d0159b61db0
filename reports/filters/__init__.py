"""Filters of reports. Each has one or more parameters, read by Django's form fields."""

from reports.filters.base import Filter
from reports.filters.bounds import Maximum, Minimum, Range
from reports.filters.choices import Choice
from reports.filters.days import DateRange
from reports.filters.space import Area, Near, Nearest
from reports.filters.texts import Contains, IsEmpty

__all__ = [
    "Area",
    "Choice",
    "Contains",
    "DateRange",
    "Filter",
    "IsEmpty",
    "Maximum",
    "Minimum",
    "Near",
    "Nearest",
    "Range",
]
