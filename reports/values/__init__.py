"""Canonical values: the form in which a value leaves Isoline, the same for every database.

base.py        Kind: how the values of one type are read and written everywhere
numbers.py     booleans, integers, decimals, floats
temporal.py    dates, times of day, instants, durations
texts.py       texts, UUIDs, JSON documents
geometries.py  geometries
kinds.py       the kind of a field
from_db.py     the kind of a field that converts stored values by itself
"""
