"""Ordinary models, reports over them, and their answers in plain Python.

models.py     the models; data.py their rows
language.py   a small language of expressions, which Django runs and Python evaluates;
              subqueries.py and summaries.py (aggregates, windows) are more of it
relation.py   querysets, run and evaluated in the same way; reporting.py reports over them;
              joins.py is Django's joins
oracle.py     what the fixed tests share: groups of objects in plain Python
asking.py     what the database under test answers to a report, as canonical text
strategies.py draws both, of what vocabulary.py says of each model
draw.py       judges what is drawn; a command that draws thousands

One case:  ISOLINE_TEST_DATABASE=spatialite python -m pytest tests/authoring -k "likes_and_comments"
Thousands: ISOLINE_TEST_DATABASE=mysql python -m tests.authoring.draw --examples 5000 --seed 1
"""
