"""The names and labels of what a report declares by attribute."""

from copy import copy
from typing import Any, Self

from django.utils.text import capfirst


class Named:
    """Base class of columns and filters, which are named after their attribute.

    `label` is by default that name, with spaces.
    """

    name = ""
    label: Any = None

    def named(self, name: str) -> Self:
        """Returns a copy with this name, and with a label made from it unless there is one.

        It is a copy, because one instance may be declared in several reports or under several
        names.
        """
        declared = copy(self)
        declared.name = name
        if declared.label is None:
            declared.label = capfirst(name.replace("_", " "))
        return declared
