"""Isoline as a stranger meets it: built, installed by pip, and added to a new Django project."""
