"""Turns a report and its parameters into one SQL statement and its rows."""
