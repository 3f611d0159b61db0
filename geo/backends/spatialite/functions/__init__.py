"""SQL functions and aggregates that Isoline's expressions use on SQLite.

Each module has FUNCTIONS, Python functions of positional arguments, and may have AGGREGATES,
classes with `step(self, ...)` and `finalize(self)`, and for windows `inverse(self, ...)` and
`value(self)`. SQL knows them by their Python names, a class
by its `name`.
"""

import inspect
from typing import Any

from geo.backends.spatialite.functions import (
    arithmetic,
    casts,
    dates,
    decimals,
    jsons,
    lists,
    picks,
    quantiles,
    texts,
)

MODULES = (arithmetic, casts, dates, decimals, jsons, lists, picks, quantiles, texts)


def register(connection: Any) -> None:
    """Make them known to one connection."""
    for module in MODULES:
        for function in module.FUNCTIONS:
            connection.create_function(
                function.__name__, function.__code__.co_argcount, function, deterministic=True
            )
        for aggregate in getattr(module, "AGGREGATES", ()):
            arguments = len(inspect.signature(aggregate.step).parameters) - 1
            is_of_windows = hasattr(aggregate, "inverse")
            create = (
                connection.create_window_function if is_of_windows else connection.create_aggregate
            )
            create(aggregate.name, arguments, aggregate)
