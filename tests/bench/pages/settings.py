"""The suite's settings, with the sync pages among the addresses."""

from settings.test import *  # noqa: F403 -- a settings module is made of its parts' names

ROOT_URLCONF = "tests.bench.pages.urls"
# Fifty readers of a slow page wait for each other, and are to get it all the same.
PAGE_LIMITS = {"statement_seconds": None}
