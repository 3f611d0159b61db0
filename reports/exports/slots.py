"""Limits how many exports run at once: each takes a numbered slot in `default`.

The database keeps the numbers unique, so that two processes cannot both take the last one. An
export gives its slot back when it ends; a lost export's slot is taken away.
"""

import secrets
from collections.abc import Collection

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Q

from reports.errors import TooManyAtOnce
from reports.limits import export_limits
from reports.models import Export

# An attempt fails only if another export took the same slot first, which is rare.
ATTEMPTS = 50


def acquire(record: Export) -> None:
    """Saves a new record with a free slot. Raises TooManyAtOnce.

    Anonymous readers cannot be told apart (an address may be a proxy's, and sessions cost nothing),
    so only the limit for all users applies to them.
    """
    for _ in range(ATTEMPTS):
        _choose(record)
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                record.save(force_insert=True, using=DEFAULT_DB_ALIAS)
        except IntegrityError:
            continue
        return
    raise _too_many()


def _choose(record: Export) -> None:
    limits = export_limits()
    records = Export.objects.using(DEFAULT_DB_ALIAS)
    held = records.filter(Q(slot__isnull=False) | Q(user_slot__isnull=False)).only(
        "user", "state", "seen", "slot", "user_slot"
    )
    if lost := [each.pk for each in held if each.is_lost]:
        records.filter(pk__in=lost).update(slot=None, user_slot=None)
    running = [each for each in held if each.pk not in lost]
    if limits.max_concurrent is not None:
        taken = {each.slot for each in running if each.slot is not None}
        if len(taken) >= limits.max_concurrent:
            raise _too_many()
        record.slot = _free(taken, limits.max_concurrent)
    if record.user_id is not None and limits.max_concurrent_per_user is not None:
        own = [each for each in running if each.user_id == record.user_id]
        taken = {each.user_slot for each in own if each.user_slot is not None}
        if len(taken) >= limits.max_concurrent_per_user:
            raise TooManyAtOnce(
                "max_concurrent_per_user",
                limits.max_concurrent_per_user,
                "The limit of your concurrent exports is reached: wait until one has ended.",
            )
        record.user_slot = _free(taken, limits.max_concurrent_per_user)


def _free(taken: Collection[int], limit: int) -> int:
    # A random slot, so that exports that start at the same moment rarely collide.
    return secrets.choice([number for number in range(limit) if number not in taken])


def _too_many() -> TooManyAtOnce:
    limit = export_limits().max_concurrent or 0
    return TooManyAtOnce(
        "max_concurrent",
        limit,
        "The limit of concurrent exports is reached: try again in a moment.",
    )
