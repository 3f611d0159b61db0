"""Conversion of values to other types."""
