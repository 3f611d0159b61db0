"""Isoline's own version, which its manifests name; pyproject.toml reads it here."""

VERSION = "0.1.0"
