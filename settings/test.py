"""Settings of the test suite. tests/conftest.py sets `default` to the database under test."""

from settings.base import *  # noqa: F403 -- a settings module is made of its parts' names
from settings.base import INSTALLED_APPS, STORAGES

SECRET_KEY = "only-for-the-suite-" * 3
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.hostile", "tests.authoring"]
# Four databases share a machine in tests.
PAGE_LIMITS = {"statement_seconds": 60}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Served from the apps' folders: WhiteNoise would warn of missing collected files.
WHITENOISE_AUTOREFRESH = True
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
