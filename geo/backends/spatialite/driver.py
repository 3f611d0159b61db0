"""The SQLite driver: the standard library's, or pysqlite3 if that one is not sufficient.

SpatiaLite needs loadable extensions, which many builds of Python lack, and ordered string
aggregates need SQLite 3.44. pysqlite3's wheel has both, but lacks `Connection.getlimit` and the
`SQLITE_LIMIT_*` constants that Django reads.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

MINIMUM = (3, 44, 0)
# From sqlite3.h, with the default of every build.
LIMITS = {
    "SQLITE_LIMIT_COLUMN": (2, 2000),
    "SQLITE_LIMIT_VARIABLE_NUMBER": (9, 32766),
}


def standard_library_suffices() -> bool:
    """Whether Python's own sqlite3 can load extensions and is new enough."""
    return sqlite3.sqlite_version_info >= MINIMUM and hasattr(
        sqlite3.Connection, "enable_load_extension"
    )


@cache
def module() -> ModuleType:
    """Returns the module of the driver, with the names of the standard library's."""
    return sqlite3 if standard_library_suffices() else _pysqlite3()


def _pysqlite3() -> ModuleType:
    import pysqlite3
    import pysqlite3.dbapi2

    class Connection(pysqlite3.Connection):  # type: ignore[misc]  # untyped
        """A pysqlite3 connection with `getlimit`."""

        def getlimit(self, category: int) -> int:
            for number, default in LIMITS.values():
                if number == category:
                    return default
            raise ValueError(f"Unknown SQLite limit {category}.")

    def connect(*args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("factory", Connection)
        return pysqlite3.dbapi2.connect(*args, **kwargs)

    found = ModuleType("sqlite3")
    found.__dict__.update(pysqlite3.dbapi2.__dict__)
    found.__dict__.update({name: number for name, (number, _) in LIMITS.items()})
    found.__dict__.update(dbapi2=found, connect=connect, __path__=[])
    return found


@contextmanager
def imported() -> Iterator[None]:
    """Makes `import sqlite3` return the driver within the block, which imports Django's backend.

    That backend keeps it. Everything else in the process has the standard library's.
    """
    names = ("sqlite3", "sqlite3.dbapi2")
    standard = {name: sys.modules[name] for name in names}
    sys.modules.update(dict.fromkeys(names, module()))
    try:
        yield
    finally:
        sys.modules.update(standard)
