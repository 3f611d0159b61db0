"""The bundled reports. Each is what an author of reports writes: a declaration, no more."""

from aviation.reports import fleet, flights, world

__all__ = ["fleet", "flights", "world"]
