"""One's own machine's settings, and the reports beside this file."""

from settings.local import *  # noqa: F403 -- a settings module is made of its parts' names
from settings.local import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.web.site"]

# Tests have more of them at a time than one site's readers.
EXPORT_LIMITS = {"at_once": 100}
