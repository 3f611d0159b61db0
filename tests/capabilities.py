"""What the database under test can do, as tests ask it: each is one question.

What reports ask too is a feature of the engine (`geo/backends/<engine>/features.py`); here are the
questions that tests alone have.
"""

from django.db import connection


def keeps_types() -> bool:
    """Does a column keep out what is not of its type, and text that is not UTF-8?

    SQLite keeps any value in any column.
    """
    return connection.engine_name != "spatialite"


def has_void_days() -> bool:
    """Does a column keep a day such as 0000-00-00, if the session lets it?"""
    return bool(connection.wire(b",").has_void_days)


def decimal_digits() -> int | None:
    """How many digits may a decimal have within a statement? None: as many as it needs."""
    return 65 if connection.engine_name in ("mysql", "mariadb") else None


def counts_places_of_products() -> bool:
    """Does a product past `decimal_digits` fail even if only its decimal places are too many?

    MySQL leaves off places that there is no room for.
    """
    return connection.engine_name == "mariadb"


def cuts_sort_keys() -> bool:
    """Does the server order by the beginning of a text only, and say so, past 64 KiB?"""
    return connection.engine_name == "mariadb"
