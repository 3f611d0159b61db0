"""The engines of Isoline, for the sentence that names the one to use."""

from geo.backends.compat import Connection

# By the name that Django gives to a family of databases.
ENGINES = {
    "mysql": "geo.backends.mysql",
    "postgresql": "geo.backends.postgis",
    "sqlite": "geo.backends.spatialite",
}


def replacement(connection: Connection) -> str:
    """Returns the engine to use in place of another, or all if none is for the same database."""
    return ENGINES.get(connection.vendor, f"one of {', '.join(ENGINES.values())}")
