"""What narrows a report. Each filter is one or two parameters, read by Django's form fields."""

from reports.filters.base import Filter
from reports.filters.space import Area, Near, Nearest
from reports.filters.values import Choice, DateRange, Minimum

__all__ = ["Area", "Choice", "DateRange", "Filter", "Minimum", "Near", "Nearest"]
