"""Isoline's version. Manifests contain it, and pyproject.toml reads it."""

VERSION = "0.1.0"
