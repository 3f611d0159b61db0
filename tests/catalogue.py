"""Statements that ask a database's catalogue, which a count of a report's own leaves out."""

CATALOGUES = ("geometry_columns", "information_schema", "pg_attribute")


def is_of_catalogue(sql: str) -> bool:
    """Whether a statement asks about tables and columns rather than for rows."""
    return any(name in sql for name in CATALOGUES)
