"""The settings that Django's runtests.py takes from a third-party backend.

`DJANGOSUITE_ENGINE` is the engine, `DJANGOSUITE_URL` the server of a database that has one.
"""

import os
import sys
from urllib.parse import urlsplit

from geo.backends.spatialite import driver

ENGINE = os.environ["DJANGOSUITE_ENGINE"]
SERVER = urlsplit(os.environ.get("DJANGOSUITE_URL", ""))

if ENGINE == "django.contrib.gis.db.backends.spatialite":
    # Django's engine has the driver that ours has, so that only the engines differ.
    sys.modules |= {"sqlite3": driver.module(), "sqlite3.dbapi2": driver.module()}
    # A new SQLite creates no table of Django's beside the triggers of SpatiaLite 5.0 without it.
    OPTIONS = {"init_command": "PRAGMA legacy_alter_table = ON"}
else:
    OPTIONS = {}


def _database(alias: str) -> dict[str, object]:
    if not SERVER.hostname:
        return {"ENGINE": ENGINE, "OPTIONS": OPTIONS}  # in memory
    return {
        "ENGINE": ENGINE,
        "HOST": SERVER.hostname,
        "PORT": str(SERVER.port),
        "USER": SERVER.username,
        "PASSWORD": SERVER.password,
        "NAME": f"{alias}_{ENGINE.partition('.')[0]}",
    }


DATABASES = {alias: _database(alias) for alias in ("default", "other")}
TEST_RUNNER = "tests.djangosuite.runner.Runner"

# As in Django's own test_sqlite.py.
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
USE_TZ = False
