"""CSV from the database's own bulk output, converted by compiled code."""
