"""The local settings, with the reports beside this file."""

import json
import os

from settings.local import *  # noqa: F403 -- a settings module is made of its parts' names
from settings.local import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.web.site"]
# What a test wants to see reached; tests have more at a time than one site's readers.
EXPORT_LIMITS = {"max_concurrent": 100} | json.loads(os.environ.get("ISOLINE_EXPORT_LIMITS", "{}"))
PAGE_LIMITS = json.loads(os.environ.get("ISOLINE_PAGE_LIMITS", "{}"))
