"""Reports that read the same on every database."""

from reports.shadowing import demand_own_geo

demand_own_geo()  # everything below imports it

from reports import filters  # noqa: E402
from reports.columns import Column, Geometry, Key  # noqa: E402
from reports.registry import register  # noqa: E402
from reports.report import Report  # noqa: E402

__all__ = ["Column", "Geometry", "Key", "Report", "filters", "register"]
