"""The suite's settings. tests/conftest.py puts the database under test in `default`."""

from settings.base import *  # noqa: F403 -- a settings module is made of its parts' names
from settings.base import INSTALLED_APPS, STORAGES

SECRET_KEY = "only-for-the-suite-" * 3
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.hostile", "tests.authoring"]
# Four databases share a machine here.
PAGE_LIMITS = {"statement_seconds": 60}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Served from where they are: WhiteNoise would warn of collected files that are not there.
WHITENOISE_AUTOREFRESH = True
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
