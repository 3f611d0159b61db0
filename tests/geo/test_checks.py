"""System checks of databases and of the libraries."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from geo.checks import OLDER, check_origin, check_settings


@pytest.mark.django_db
def test_a_database_of_an_older_checkout_is_to_be_made_anew() -> None:
    assert check_origin(databases=["default"]) == []
    for app, name in OLDER:
        MigrationRecorder(connection).record_applied(app, name)
    (message,) = check_origin(databases=["default"])
    assert (message.id, message.obj) == ("geo.E010", "default")
    assert "made by a checkout of Isoline from before 0.1.0" in message.msg
    assert "Create a new database" in str(message.hint)
    with pytest.raises(SystemCheckError, match=r"before 0\.1\.0"):
        call_command("migrate", verbosity=0, skip_checks=False)


def test_the_old_name_of_a_setting_is_refused(settings: Any) -> None:
    assert check_settings() == []
    settings.RECHECK_LIMITS = {"keys": 3}
    with pytest.raises(SystemCheckError, match="RECHECK_LIMITS is now REFINE_LIMITS: rename it"):
        call_command("check")
