"""What can be said of each model: its paths by type, and constants to compare them with."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.authoring.models import Author, Comment, Like, Payment, Post
from tests.authoring.relation import Quiet

INTEGER, DECIMAL, TEXT, DAY, INSTANT, TRUTH = (
    "integer",
    "decimal",
    "text",
    "day",
    "instant",
    "truth",
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What can be said of a model: paths by type, to one and to many, and what points to it.

    pointing  model, its foreign key, and an integer field of it that is never NULL
    quiet     methods that change no row
    """

    one: dict[str, str]
    many: dict[str, str]
    keys: tuple[str, ...] = ()
    pointing: tuple[tuple[Any, str, str], ...] = ()
    quiet: tuple[Quiet, ...] = ()


VOCABULARIES: dict[Any, Vocabulary] = {
    Post: Vocabulary(
        one={
            **dict.fromkeys(("title", "status", "slug", "author__name", "review__slug"), TEXT),
            **dict.fromkeys(("pk", "review__stars", "author__mentor__pk"), INTEGER),
            "day": DAY,
            "published": INSTANT,
            "author__active": TRUTH,
        },
        many={
            **dict.fromkeys(("comments__words", "tags__pk", "comments", "likes__pk"), INTEGER),
            "likes__weight": DECIMAL,
            "tags__name": TEXT,
            "comments__author__name": TEXT,
            "author__posts__day": DAY,
            "tags__posts__title": TEXT,
        },
        keys=("author", "author__mentor"),
        pointing=((Comment, "post", "words"), (Like, "post", "pk")),
        quiet=(
            Quiet("order_by", ("-day", "title")),
            Quiet("select_related", ("author",)),
            Quiet("only", ("title",)),
            Quiet("defer", ("day",)),
            Quiet("prefetch_related", ("tags",)),
        ),
    ),
    Comment: Vocabulary(
        one={
            **dict.fromkeys(("words", "pk", "post__pk"), INTEGER),
            **dict.fromkeys(("post__title", "post__author__name", "author__name"), TEXT),
            "post__day": DAY,
            "author__profile__city": TEXT,
        },
        many={"post__likes__weight": DECIMAL, "post__tags__name": TEXT, "author__posts": INTEGER},
        keys=("author", "post__author"),
        quiet=(Quiet("order_by", ()), Quiet("select_related", ("post__author",))),
    ),
    Author: Vocabulary(
        one={
            **dict.fromkeys(("name", "mentor__name", "profile__city"), TEXT),
            "pk": INTEGER,
            "active": TRUTH,
        },
        many={
            **dict.fromkeys(("posts", "posts__comments__words", "pupils__pk"), INTEGER),
            "posts__title": TEXT,
            "posts__likes__weight": DECIMAL,
            "pupils__name": TEXT,
            "comments__words": INTEGER,
            "posts__published": INSTANT,
        },
        keys=("mentor",),
        pointing=((Comment, "author", "words"), (Post, "author", "pk"), (Author, "mentor", "pk")),
        quiet=(Quiet("select_related", ("profile",)), Quiet("order_by", ("name",))),
    ),
    Payment: Vocabulary(
        one={"pk": INTEGER, "amount": DECIMAL, "place": TEXT, "currency__name": TEXT},
        many={"currency__payments__amount": DECIMAL, "currency__payments": INTEGER},
        keys=("currency",),
        quiet=(Quiet("order_by", ("-amount",)),),
    ),
}
CONSTANTS: dict[str, Any] = {
    INTEGER: st.integers(0, 8),
    DECIMAL: st.decimals(-1, 4, places=2),
    TEXT: st.sampled_from(("alpha", "beta", "live", "draft", "ann", "bob", "art", "bio", "bar")),
}
# Points of time are compared with themselves, and with NULL.
COMPARABLE = (INTEGER, DECIMAL, TEXT)
