"""Tables full of what databases answer differently.

Their texts keep the collation of a server that nobody has configured, so that only the reports'
own SQL can make them compare by code point.
"""

from typing import Any

from django.contrib.gis.db import models

from geo.backends.wrapper import DatabaseWrapperMixin
from tests.hostile.fields import (
    CentsField,
    FlagsField,
    Level,
    LevelField,
    LooseField,
    Mood,
    MoodField,
    StrangeField,
    TagField,
    WordsField,
)

# What each engine compares by where nothing else is said, or, where that is by code point
# already, something that a database may well have chosen.
STOCK_COLLATIONS = {
    "postgis": "und-x-icu",
    "mysql": "utf8mb4_0900_ai_ci",
    "mariadb": "utf8mb4_uca1400_ai_ci",
    "spatialite": "NOCASE",
}


class StockCharField(models.CharField):  # type: ignore[type-arg]
    """A CharField whose column has the engine's stock collation."""

    def db_parameters(self, connection: Any) -> Any:
        return super().db_parameters(connection) | _stock(connection)


class StockTextField(models.TextField):  # type: ignore[type-arg]
    """A TextField whose column has the engine's stock collation."""

    def db_parameters(self, connection: Any) -> Any:
        return super().db_parameters(connection) | _stock(connection)


def _stock(connection: DatabaseWrapperMixin) -> dict[str, str]:
    return {"collation": STOCK_COLLATIONS[connection.engine_name]}


class Owner(models.Model):
    """Whom entries belong to. Several have the same name, and some have none."""

    id = models.BigIntegerField(primary_key=True)
    name = StockCharField(max_length=100, null=True)


class Entry(models.Model):
    """A row of every exact type, each of them NULL in some rows."""

    id = models.BigIntegerField(primary_key=True)
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, null=True)
    text = StockCharField(max_length=255, null=True)
    note = StockTextField(null=True)
    rank = models.IntegerField(null=True)
    number = models.IntegerField(null=True)
    big = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    price = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    flag = models.BooleanField(null=True)
    uid = models.UUIDField(null=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    at = models.DateTimeField(null=True)
    huge = models.BigIntegerField(null=True)
    ratio = models.FloatField(null=True)
    span = models.DurationField(null=True)
    data = models.JSONField(null=True)


class Long(models.Model):
    """A long text of some kind."""

    class Kind(models.IntegerChoices):
        OVER_1_MB = 1, "more than 1 MB together"
        OVER_20_MB = 2, "more than 20 MB together"
        LATE = 3, "the same but for one character after a thousand, or five thousand"
        NULL = 4, "none at all"

    id = models.BigIntegerField(primary_key=True)
    kind = models.IntegerField(choices=Kind)
    text = StockTextField(null=True)


class Instant(models.Model):
    """A second beside which some place's clocks, or some place's day, change."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()


class Digit(models.Model):
    """0 to 9."""

    id = models.BigIntegerField(primary_key=True)


class Number(models.Model):
    """0 to 999,999; see `fixture.load_million`."""

    id = models.BigIntegerField(primary_key=True)
    text = models.CharField(max_length=20)


class PointShape(models.Model):
    """A geometry in an indexed column; beside it, a table for each other type."""

    id = models.BigIntegerField(primary_key=True)
    shape = models.PointField(srid=4326)


class MultiPointShape(models.Model):
    id = models.BigIntegerField(primary_key=True)
    shape = models.MultiPointField(srid=4326)


class LineStringShape(models.Model):
    id = models.BigIntegerField(primary_key=True)
    shape = models.LineStringField(srid=4326)


class MultiLineStringShape(models.Model):
    id = models.BigIntegerField(primary_key=True)
    shape = models.MultiLineStringField(srid=4326)


class PolygonShape(models.Model):
    id = models.BigIntegerField(primary_key=True)
    shape = models.PolygonField(srid=4326)


class MultiPolygonShape(models.Model):
    id = models.BigIntegerField(primary_key=True)
    shape = models.MultiPolygonField(srid=4326)


class Parcel(models.Model):
    """An area whose key has no least value on every database."""

    id = models.UUIDField(primary_key=True)
    shape = models.PolygonField(srid=4326)


class Meeting(models.Model):
    """Two geometries, each in the column of its type; the others are NULL."""

    id = models.BigIntegerField(primary_key=True)
    a_point = models.PointField(srid=4326, null=True, spatial_index=False)
    a_multipoint = models.MultiPointField(srid=4326, null=True, spatial_index=False)
    a_linestring = models.LineStringField(srid=4326, null=True, spatial_index=False)
    a_multilinestring = models.MultiLineStringField(srid=4326, null=True, spatial_index=False)
    a_polygon = models.PolygonField(srid=4326, null=True, spatial_index=False)
    a_multipolygon = models.MultiPolygonField(srid=4326, null=True, spatial_index=False)
    b_point = models.PointField(srid=4326, null=True, spatial_index=False)
    b_multipoint = models.MultiPointField(srid=4326, null=True, spatial_index=False)
    b_linestring = models.LineStringField(srid=4326, null=True, spatial_index=False)
    b_multilinestring = models.MultiLineStringField(srid=4326, null=True, spatial_index=False)
    b_polygon = models.PolygonField(srid=4326, null=True, spatial_index=False)
    b_multipolygon = models.MultiPolygonField(srid=4326, null=True, spatial_index=False)


class Anything(models.Model):
    """A geometry of any type, collections included."""

    id = models.BigIntegerField(primary_key=True)
    shape = models.GeometryField(srid=4326, null=True, spatial_index=False)


class Width(models.Model):
    """A number in a column of every type of integers."""

    id = models.BigIntegerField(primary_key=True)
    small = models.SmallIntegerField(null=True)
    small_positive = models.PositiveSmallIntegerField(null=True)
    medium = models.IntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    big_positive = models.PositiveBigIntegerField(null=True)


class Sale(models.Model):
    """A flat row such as applications have by the million."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=60)
    note = models.CharField(max_length=200)
    quantity = models.IntegerField()
    serial = models.BigIntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)
    day = models.DateField()
    at = models.DateTimeField()
    paid = models.BooleanField()
    rating = models.IntegerField(null=True)


class Gone(models.Model):
    """A table that nobody makes."""

    class Meta:
        managed = False


class Account(models.Model):
    """Of many, whose amounts make a constant sum while they change."""

    id = models.BigIntegerField(primary_key=True)
    amount = models.BigIntegerField()


class Tag(models.Model):
    """What posts have several of."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.name


class Writer(models.Model):
    """Whom posts point to, by another column than the key."""

    id = models.BigIntegerField(primary_key=True)
    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A row with every kind of value that a filter takes."""

    class Level(models.IntegerChoices):
        LOW = 1, "Low"
        HIGH = 2, "High"

    id = models.BigAutoField(primary_key=True)
    title = StockCharField(max_length=40)
    status = StockCharField(max_length=10, null=True)
    level = models.IntegerField(choices=Level, default=Level.LOW)
    is_open = models.BooleanField(null=True)
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    writer = models.ForeignKey(Writer, on_delete=models.CASCADE, to_field="code", null=True)
    tags = models.ManyToManyField(Tag)


class Remark(models.Model):
    """Of which a post has several."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="remarks")
    words = models.IntegerField()
    at = models.DateTimeField(null=True)
    by = models.ForeignKey(Writer, on_delete=models.CASCADE, null=True)


class Holding(models.Model):
    """A row of every field that is less common, and of fields that projects write."""

    id = models.UUIDField(primary_key=True)
    price = CentsField(null=True)
    mood = MoodField(max_length=1, choices=Mood, null=True)
    level = LevelField(choices=Level, null=True)
    tag = TagField(max_length=9, null=True)
    words = WordsField(null=True)
    flag = FlagsField(max_length=1, null=True)
    loose = LooseField(null=True)
    strange = StrangeField(null=True)
    size = models.PositiveSmallIntegerField(choices=[(1, "small"), (9, "big")], null=True)
    colour = models.CharField(max_length=9, choices=[("r", "red"), ("b", "blue")], null=True)
    address = models.GenericIPAddressField(null=True)
    file = models.FileField(null=True)
    path = models.FilePathField(path="/", null=True)
    slug = models.SlugField(null=True)
    url = models.URLField(null=True)
    email = models.EmailField(null=True)
    span = models.DurationField(null=True)
    data = models.JSONField(null=True)
    blob = models.BinaryField(null=True)
    at = models.DateTimeField(null=True)
    doubled = models.GeneratedField(
        expression=models.F("size") * 2,
        output_field=models.IntegerField(),
        db_persist=True,
        null=True,
    )


class Note(models.Model):
    """A row that its holding's key tells."""

    holding = models.OneToOneField(Holding, on_delete=models.CASCADE, primary_key=True)
    text = models.CharField(max_length=9)


class Toll(models.Model):
    """A row with a key that is another number than the one that is stored."""

    price = CentsField(primary_key=True)
    name = models.CharField(max_length=9)


class Ticket(models.Model):
    """A row with a key that its field makes another text of."""

    code = TagField(max_length=9, primary_key=True)
    holding = models.ForeignKey(Holding, on_delete=models.CASCADE, null=True)
