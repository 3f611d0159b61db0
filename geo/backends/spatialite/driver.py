"""The SQLite driver: the standard library's, or pysqlite3 if that one is not sufficient.

SpatiaLite needs loadable extensions, which many builds of Python lack, and ordered string
aggregates need SQLite 3.44. pysqlite3's wheel has both, but lacks `Connection.getlimit` and the
`SQLITE_LIMIT_*` constants that Django reads.
"""

import sqlite3
import sys
from typing import Any

MINIMUM = (3, 44, 0)
# From sqlite3.h; the default of every build.
VARIABLE_NUMBER_LIMIT = 9
VARIABLE_NUMBER_DEFAULT = 32766


def standard_library_suffices() -> bool:
    """Whether Python's own sqlite3 can load extensions and is new enough."""
    return sqlite3.sqlite_version_info >= MINIMUM and hasattr(
        sqlite3.Connection, "enable_load_extension"
    )


def install() -> None:
    """Makes `import sqlite3` return pysqlite3, if the standard library's is not sufficient.

    It must run before Django's SQLite engine is imported.
    """
    if standard_library_suffices() or "pysqlite3" in sys.modules:
        return
    import pysqlite3
    import pysqlite3.dbapi2

    class Connection(pysqlite3.Connection):  # type: ignore[misc]  # untyped
        """A pysqlite3 connection with `getlimit`."""

        def getlimit(self, category: int) -> int:
            if category != VARIABLE_NUMBER_LIMIT:
                raise ValueError(f"Unknown SQLite limit {category}.")
            return VARIABLE_NUMBER_DEFAULT

    def connect(*args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("factory", Connection)
        return pysqlite3.dbapi2.connect(*args, **kwargs)

    module = type(sys)("sqlite3")
    module.__dict__.update(pysqlite3.dbapi2.__dict__)
    module.__dict__.update(
        dbapi2=module,
        connect=connect,
        SQLITE_LIMIT_VARIABLE_NUMBER=VARIABLE_NUMBER_LIMIT,
        __path__=[],
    )
    sys.modules["sqlite3"] = module
    sys.modules["sqlite3.dbapi2"] = module
