"""Ordinary models, reports over them, and their answers in plain Python.

models.py     the models; data.py their rows
language.py   a small language of querysets, which Django runs and relation.py evaluates
reporting.py  reports over such querysets, likewise
asking.py     what the database under test answers to a report, as canonical text
strategies.py strategies that draw both
draw.py       judges what is drawn; a command that draws thousands

One case:  ISOLINE_TEST_DATABASE=spatialite python -m pytest tests/authoring -k "likes_and_comments"
Thousands: ISOLINE_TEST_DATABASE=mysql python -m tests.authoring.draw --examples 5000 --seed 1
"""
