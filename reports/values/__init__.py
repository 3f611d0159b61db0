"""Canonical values: the form in which a value leaves Isoline."""
