"""Reports of the planes."""

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

import reports
from aviation.models import Plane
from reports import Column, filters
from reports.expressions import (
    AnyValue,
    Avg,
    Count,
    First,
    Max,
    Median,
    Min,
    Mode,
    Quotient,
    StdDev,
    StringAgg,
    Sum,
)

# The year of the flights, at which ages are computed.
YEAR = 2013


@reports.register
class PlanesByModel(reports.Report):
    title = _("Planes by model")
    description = _("The fleet that served New York City, by model.")
    queryset = Plane.objects.all()
    group_by = {"manufacturer": "manufacturer", "model": "model"}
    planes = Column(Count("pk"))
    engine = Column(AnyValue("engine"), label=_("An engine"))
    mean_seats = Column(Avg("seats"), places=1)
    mean_year = Column(Avg("year"), places=1, label=_("Mean year of manufacture"))

    class Meta:
        ordering = ["-planes", "manufacturer", "model"]
        permission = None


@reports.register
class FleetAge(reports.Report):
    title = _("Age of the fleet")
    description = _("How old each manufacturer's planes were in 2013, where their year is known.")
    queryset = Plane.objects.all()
    group_by = {"manufacturer": "manufacturer"}
    planes = Column(Count("pk"))
    of_known_age = Column(Count("year"))
    mean_age = Column(Avg(YEAR - F("year")), places=1, unit="years")
    median_age = Column(Median(YEAR - F("year")), places=1, unit="years")
    oldest = Column(Max(YEAR - F("year")), unit="years")
    oldest_plane = Column(First("tailnum", order_by="year"), label=_("The oldest plane"))
    newest = Column(Min(YEAR - F("year")), unit="years")
    over_20 = Column(
        Quotient(Count("pk", filter=Q(year__lt=YEAR - 20)) * 100, Count("year")),
        places=1,
        unit="%",
        label=_("Older than 20 years"),
    )
    engine = filters.Choice(
        "engine", choices=[(name, name) for name in ("Turbo-fan", "Turbo-jet", "Turbo-prop")]
    )
    seats = filters.Minimum("seats", label=_("Seats, at least"))

    class Meta:
        ordering = ["-planes", "manufacturer"]
        permission = None


@reports.register
class SeatsByEngine(reports.Report):
    title = _("Seats by engine")
    description = _("How large planes are, by the kind and number of their engines.")
    queryset = Plane.objects.all()
    group_by = {"engine": "engine", "engines": "engines"}
    planes = Column(Count("pk"))
    seats = Column(Sum("seats"))
    fewest = Column(Min("seats"), unit="seats")
    most = Column(Max("seats"), unit="seats")
    mean = Column(Avg("seats"), places=1, unit="seats")
    median = Column(Median("seats"), places=1, unit="seats")
    deviation = Column(StdDev("seats"), places=2, unit="seats", label=_("Standard deviation"))
    usual_model = Column(Mode("model"), label=_("Most frequent model"))
    manufacturers = Column(StringAgg("manufacturer", ", ", distinct=True))

    class Meta:
        ordering = ["-planes", "engine", "engines"]
        permission = None
