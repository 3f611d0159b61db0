"""Reports over the hostile rows. tests/hostile/oracle.py says what each must answer."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

import reports
from reports import Column, filters
from reports.expressions import (
    AnyValue,
    Avg,
    Count,
    Max,
    Min,
    StringAgg,
    Sum,
    TruncDay,
    TruncMonth,
    TruncYear,
)
from tests.hostile.models import Entry, Instant, Long
from tests.hostile.texts import TEXTS

NEW_YORK = ZoneInfo("America/New_York")
PARIS = ZoneInfo("Europe/Paris")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
APIA = ZoneInfo("Pacific/Apia")
CASABLANCA = ZoneInfo("Africa/Casablanca")


@reports.register
class HostileValues(reports.Report):
    """Every exact type, in an order with many NULLs and ties."""

    queryset = Entry.objects.all()
    text = Column("text")
    owner = Column("owner__name")
    note = Column("note")
    rank = Column("rank")
    big = Column("big")
    amount = Column("amount")
    rounded = Column("price", places=1)
    whole = Column("price", places=0)
    flag = Column("flag")
    uid = Column("uid")
    day = Column("day")
    clock = Column("clock")
    at = Column("at")
    is_text = filters.Choice("text", choices=[(text, text) for text in TEXTS if text])
    of = filters.Choice("owner")
    ranked = filters.Minimum("rank")
    worth = filters.Minimum("amount")
    when = filters.DateRange("at", zone=APIA)

    class Meta:
        ordering = ["-rank", "text"]


@reports.register
class HostileTexts(reports.Report):
    """Grouped by the texts themselves."""

    queryset = Entry.objects.all()
    group_by = {"text": "text"}
    entries = Column(Count("pk"))
    least = Column(Min("note"))
    greatest = Column(Max("note"))
    some = Column(AnyValue("note"))
    some_low = Column(AnyValue("note", filter=Q(rank__lt=0)))
    notes = Column(StringAgg("note", "|", distinct=True))
    first_day = Column(Min("day"))
    last_amount = Column(Max("amount"))

    class Meta:
        ordering = ["-entries", "-greatest"]


@reports.register
class HostileOwners(reports.Report):
    """Grouped by a relation that may be missing, each group's texts joined in many ways."""

    queryset = Entry.objects.all()
    group_by = {"owner": "owner"}
    entries = Column(Count("pk"))
    texts = Column(StringAgg("text", ", "))
    by_rank = Column(StringAgg("text", ", ", order_by="rank"))
    by_rank_down = Column(StringAgg("text", "|", order_by=["-rank", "-note", "-pk"]))
    by_pk = Column(StringAgg("text", "|", order_by="pk"))
    by_flag = Column(StringAgg("text", "|", order_by=["-flag", "number", "-price"]))
    distinct = Column(StringAgg("text", ",", distinct=True))
    distinct_down = Column(StringAgg("text", '"', distinct=True, order_by="-text"))
    high = Column(StringAgg("text", "", filter=Q(rank__gt=2), order_by="note"))
    absent = Column(StringAgg("text", ",", filter=Q(rank=99)))
    default = Column(StringAgg("text", ",", filter=Q(rank=99), default="n\u00f8ne"))
    numbers = Column(StringAgg("number", ",", order_by="-number"))
    ranks = Column(StringAgg("rank", "\\", distinct=True))

    class Meta:
        ordering = ["owner"]


@reports.register
class HostileNumbers(reports.Report):
    """Sums and means, halves on both sides of zero among them."""

    queryset = Entry.objects.all()
    group_by = {"owner": "owner"}
    numbers = Column(Count("number"))
    total = Column(Sum("number"))
    distinct = Column(Sum("number", distinct=True))
    positive = Column(Sum("number", filter=Q(number__gt=0)))
    bigs = Column(Sum("big"))
    amount = Column(Sum("amount"))
    price = Column(Sum("price"))
    mean = Column(Avg("number"), places=0)
    mean_6 = Column(Avg("number"), places=6)
    mean_amount = Column(Avg("amount"), places=6)
    mean_amount_0 = Column(Avg("amount"), places=0)
    mean_price = Column(Avg("price", distinct=True), places=1)
    least = Column(Min("amount"))
    greatest = Column(Max("price"), places=0)

    class Meta:
        ordering = ["-mean", "total"]


@reports.register
class HostileLongTexts(reports.Report):
    """One group's texts pass 1 MB, another's 20 MB."""

    queryset = Long.objects.all()
    group_by = {"kind": "kind"}
    texts = Column(Count("text"))
    joined = Column(StringAgg("text", "\n", order_by="-pk"))

    class Meta:
        ordering = ["kind"]


@reports.register
class HostileLateTexts(reports.Report):
    """Texts that differ late, as keys, in the order and joined."""

    queryset = Long.objects.filter(kind=Long.Kind.LATE)
    group_by = {"text": "text"}
    texts = Column(Count("pk"))
    joined = Column(StringAgg("text", ",", distinct=True, order_by="-text"))
    greatest = Column(Max("text"))

    class Meta:
        ordering = ["-text"]


@reports.register
class HostileLateJoined(reports.Report):
    """Those texts in one group."""

    queryset = Long.objects.all()
    group_by = {"kind": "kind"}
    distinct = Column(StringAgg("text", ",", distinct=True))
    by_text = Column(StringAgg("pk", ",", order_by="-text"))
    least = Column(Min("text"))

    def get_queryset(self, parameters: dict[str, Any]) -> QuerySet[Long]:
        return super().get_queryset(parameters).filter(kind__gte=Long.Kind.LATE)


@reports.register
class HostileDays(reports.Report):
    """Days in New York, of which some have 23 hours and some 25."""

    queryset = Instant.objects.all()
    group_by = {"day": TruncDay("at", tzinfo=NEW_YORK)}
    instants = Column(Count("pk"))
    first = Column(Min("at"))
    last = Column(Max("at"))

    class Meta:
        ordering = ["-day"]


@reports.register
class HostileMonths(reports.Report):
    """Months in Paris against months in Apia, which lost a day."""

    queryset = Instant.objects.all()
    group_by = {
        "paris": TruncMonth("at", tzinfo=PARIS),
        "apia": TruncMonth("at", tzinfo=APIA),
    }
    instants = Column(Count("pk"))

    class Meta:
        ordering = ["-instants", "apia"]


@reports.register
class HostileCalendars(reports.Report):
    """The local day, month and year of each instant."""

    queryset = Instant.objects.all()
    at = Column("at")
    apia_day = Column(TruncDay("at", tzinfo=APIA))
    casablanca_day = Column(TruncDay("at", tzinfo=CASABLANCA))
    casablanca_month = Column(TruncMonth("at", tzinfo=CASABLANCA))
    kathmandu_day = Column(TruncDay("at", tzinfo=KATHMANDU))
    paris_day = Column(TruncDay("at", tzinfo=PARIS))
    new_york_year = Column(TruncYear("at", tzinfo=NEW_YORK))
    when = filters.DateRange("at", zone=CASABLANCA)
