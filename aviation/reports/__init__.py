"""The bundled reports. Each is what an author of reports writes: a declaration, no more."""

from aviation.reports import fleet, flights, space, world

__all__ = ["fleet", "flights", "space", "world"]
