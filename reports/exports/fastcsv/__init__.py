"""CSV from the database's own bulk output, through compiled code."""
