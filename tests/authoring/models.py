"""A blog and a till: relations of every kind, NULLs, ties, and keys that do not tell rows apart."""

from typing import Any

from django.db import models


class Author(models.Model):
    """Who writes. A mentor is an author too; two have one name."""

    name = models.CharField(max_length=40)
    active = models.BooleanField(default=True)
    mentor = models.ForeignKey("self", models.CASCADE, null=True, related_name="pupils")


class Profile(models.Model):
    """What some authors say of themselves, at most once."""

    author = models.OneToOneField(Author, models.CASCADE, related_name="profile")
    city = models.CharField(max_length=40)


class Tag(models.Model):
    name = models.CharField(max_length=20)


class PostQuerySet(models.QuerySet[Any]):
    """What the app's authors ask for by name."""

    def visible(self) -> "PostQuerySet":
        """The posts that readers see."""
        return self.filter(status=Post.Status.LIVE)


class Post(models.Model):
    """What authors write; several have one title, one has neither author, comment nor like."""

    class Status(models.TextChoices):
        DRAFT = "draft", "In work"
        LIVE = "live", "Published"
        GONE = "gone", "Taken down"

    slug = models.SlugField()
    title = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status)
    day = models.DateField()
    published = models.DateTimeField(null=True)
    author = models.ForeignKey(Author, models.CASCADE, null=True, related_name="posts")
    tags = models.ManyToManyField(Tag, related_name="posts")

    objects = PostQuerySet.as_manager()


class VisiblePosts(models.Manager[Any]):
    """Only what readers see."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(status=Post.Status.LIVE)


class VisiblePost(Post):
    """The same table through a manager that leaves rows out, with an order of its own."""

    objects = VisiblePosts()  # type: ignore[assignment, misc]

    class Meta:
        proxy = True
        ordering = ["-day", "title"]


class Review(Post):
    """A post with stars: its columns are in two tables."""

    stars = models.IntegerField()


class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    words = models.IntegerField()
    author = models.ForeignKey(Author, models.CASCADE, null=True, related_name="comments")

    class Meta:
        ordering = ["-words"]


class Like(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="likes")
    weight = models.DecimalField(max_digits=6, decimal_places=2, null=True)


class Currency(models.Model):
    code = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=20)


class Payment(models.Model):
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.ForeignKey(Currency, models.CASCADE, to_field="code", related_name="payments")
    place = models.CharField(max_length=20)


class PaymentLine(models.Model):
    """The payments as a view would show them: what Django takes for the key is repeated."""

    place = models.CharField(max_length=20, primary_key=True)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    currency_id = models.CharField(max_length=3)

    class Meta:
        managed = False
        db_table = "authoring_payment"


class Letter(models.Model):
    """Fields with the names that a statement would choose."""

    c0 = models.CharField(max_length=5)
    k0 = models.IntegerField()
    g = models.IntegerField()
    v0 = models.IntegerField(db_column="n")


class Empty(models.Model):
    """A table without rows."""

    name = models.CharField(max_length=20)
    number = models.IntegerField(null=True)
