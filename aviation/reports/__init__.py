"""The bundled reports. They are plain declarations, such as any author would write."""

from aviation.reports import fleet, flights, space, world

__all__ = ["fleet", "flights", "space", "world"]
