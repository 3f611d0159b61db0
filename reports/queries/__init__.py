"""From a report and its parameters to one SQL statement and its rows."""
