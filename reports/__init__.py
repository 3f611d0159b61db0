"""Reports that read the same on every database."""

from reports.shadowing import demand_own_geo

demand_own_geo()  # everything below imports it

from reports import filters
from reports.columns import Column, Geometry, Key
from reports.registry import register
from reports.report import Report

__all__ = ["Column", "Geometry", "Key", "Report", "filters", "register"]
