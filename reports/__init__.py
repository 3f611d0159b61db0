"""Reports that read the same on every database."""

from reports import filters
from reports.columns import Column, Geometry, Key
from reports.registry import register
from reports.report import Report

__all__ = ["Column", "Geometry", "Key", "Report", "filters", "register"]
