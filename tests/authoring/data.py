"""The rows, the same at every call, and their way into a database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction

from tests.authoring.models import (
    Author,
    Comment,
    Currency,
    Letter,
    Like,
    Payment,
    Post,
    Profile,
    Review,
    Tag,
)

# id, name, active, mentor
AUTHORS = (
    (1, "ann", True, None),
    (2, "bob", True, 1),
    (3, "cid", False, 1),
    (4, "ann", True, 2),  # the name of another
    (5, "dee", False, None),  # has written nothing
)
PROFILES = ((1, 1, "oslo"), (2, 3, "rome"))
TAGS = ((1, "art"), (2, "bio"), (3, "cod"), (4, "dig"))  # nothing is tagged dig
# id, title, status, day, published, author, tags
POSTS = (
    (1, "alpha", "live", date(2024, 7, 3), datetime(2024, 7, 3, 22, 30, tzinfo=UTC), 1, (1, 2)),
    (2, "beta", "live", date(2024, 7, 4), datetime(2024, 7, 4, 9, 0, tzinfo=UTC), 1, (2,)),
    (3, "alpha", "draft", date(2024, 7, 4), None, 2, ()),
    (4, "gamma", "gone", date(2024, 6, 30), datetime(2024, 6, 30, 0, 0, tzinfo=UTC), 2, (1, 2, 3)),
    (5, "delta", "draft", date(2024, 7, 5), None, None, ()),  # nobody's, without anything
    (6, "beta", "live", date(2024, 7, 4), datetime(2024, 7, 4, 9, 0, tzinfo=UTC), 4, (3,)),
    (7, "eta", "gone", date(2023, 12, 31), datetime(2023, 12, 31, 23, 59, 59, 5, UTC), 3, ()),
    (8, "alpha", "live", date(2024, 2, 29), datetime(2024, 3, 1, 0, 0, tzinfo=UTC), None, (1,)),
)
STARS = {2: 5, 4: 3, 8: 5}  # the posts that are reviews
# post, words, author
COMMENTS = (
    *((1, 3, 2), (1, 7, 2), (1, 3, None)),
    *((2, 1, 1), (2, 12, 3)),
    *((4, 5, 1), (4, 5, 1), (4, 0, None), (4, 9, 4)),
    (6, 2, 2),
    *((8, 7, 5), (8, 4, None), (8, 1, 1)),
)
# post, weight
LIKES = (
    *((1, "1.25"), (1, "2.50")),
    *((2, "0.50"), (2, None), (2, "0.50")),
    (3, "4.00"),
    *((4, None), (4, None)),
    *((7, "1.25"), (7, "-1.25")),
    *((8, "3.10"), (8, "0.15")),
)
CURRENCIES = (("EUR", "euro"), ("USD", "dollar"), ("XXX", "none"))  # nobody pays in XXX
LETTERS = (("b", 2, 7, 1), ("a", 2, 8, 2), ("b", 1, 9, 3))
# place, amount, currency; the first two have nothing that tells them apart but their id
PAYMENTS = (
    *(("bar", "2.50", "EUR"), ("bar", "2.50", "EUR")),
    *(("bar", "4.00", "USD"), ("inn", "12.34", "EUR"), ("inn", "0.01", "USD")),
    *(("pub", "-3.00", "EUR"), ("pub", "4.00", "EUR")),
)


def create(alias: str) -> None:
    """Make the tables that are not there."""
    connection = connections[alias]
    existing = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("authoring").get_models():
            is_table = model._meta.managed and not model._meta.proxy
            if is_table and model._meta.db_table not in existing:
                editor.create_model(model)


def load(alias: str) -> None:
    """Fill the tables, unless they are; committed."""
    if Post.objects.using(alias).count() == len(POSTS):
        return
    with transaction.atomic(using=alias):
        _people(alias)
        _posts(alias)
        _make(alias, Currency, ("code", "name"), CURRENCIES)
        _make(alias, Payment, ("place", "amount", "currency_id"), PAYMENTS)


def _people(alias: str) -> None:
    _make(alias, Author, ("id", "name", "active", "mentor_id"), AUTHORS)
    _make(alias, Profile, ("id", "author_id", "city"), PROFILES)
    _make(alias, Tag, ("id", "name"), TAGS)


def _posts(alias: str) -> None:
    for key, title, status, day, published, author, tags in POSTS:
        values: dict[str, Any] = {
            "pk": key,
            "slug": f"{title}-{key}",
            "title": title,
            "status": status,
            "day": day,
            "published": published,
            "author_id": author,
        }
        post = Review(**values, stars=STARS[key]) if key in STARS else Post(**values)
        post.save(using=alias, force_insert=True)
        post.tags.set(tags)
    _make(alias, Comment, ("post_id", "words", "author_id"), COMMENTS)
    _make(alias, Like, ("post_id", "weight"), LIKES)
    _make(alias, Letter, ("c0", "k0", "g", "v0"), LETTERS)


def _make(alias: str, model: type[models.Model], names: Any, rows: Any) -> None:
    # One by one, in this order: a key is the place of a row above.
    for row in rows:
        values = dict(zip(names, row, strict=True))
        for name in values.keys() & {"weight", "amount"}:
            values[name] = None if values[name] is None else Decimal(values[name])
        model(**values).save(using=alias, force_insert=True)
