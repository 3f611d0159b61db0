"""Decides which expressions have one answer on every database, and why others are refused."""
