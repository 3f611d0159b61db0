"""Answers of plain Python: groups of objects, as canonical texts."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.authoring.values import place, text

PLACES = 2  # of a mean


def lines(rows: Iterable[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows of values as canonical texts."""
    return [tuple(text(value, PLACES) for value in row) for row in rows]


def grouped(
    items: Iterable[Any], key: Callable[[Any], Any], *values: Callable[[list[Any]], Any]
) -> list[tuple[str, ...]]:
    """The groups of the items, in the order of the key, NULL last: the key, then the values."""
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return lines(
        (found, *(value(groups[found]) for value in values)) for found in sorted(groups, key=place)
    )


def total(values: Iterable[Any]) -> Any:
    """SQL's sum: without NULLs, and NULL of nothing."""
    found = [value for value in values if value is not None]
    return sum(found) if found else None


def words(post: Any) -> list[int]:
    """The words of a post's comments."""
    return [comment.words for comment in post.comments.all()]


def weights(post: Any) -> list[Any]:
    """The weights of a post's likes."""
    return [like.weight for like in post.likes.all()]


def names(tagged: Any) -> list[str]:
    """The names of a post's tags."""
    return [tag.name for tag in tagged.tags.all()]


def author(post: Any) -> Any:
    """The name of a post's author."""
    return post.author and post.author.name
