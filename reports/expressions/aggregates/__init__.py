"""Aggregates of groups."""
