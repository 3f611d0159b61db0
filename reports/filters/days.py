"""Filters by day: from one day to another, or a period such as the last 90 days."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import DateField, DateTimeField, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.errors import DeclarationError
from reports.expressions.temporal.zones import transitions
from reports.filters.base import Filter, between

# Days whose every instant all databases can store, in any time zone.
FIRST_DAY, LAST_DAY = date(1000, 1, 2), date(9999, 12, 29)
DAY = timedelta(days=1)
PERIOD = re.compile(r"last-([1-9][0-9]{0,3})-(days|weeks|months|years)")
# Periods that forms offer. Any other number of days, weeks, months or years can be typed.
PERIODS = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "last-7-days": _("Last 7 days"),
    "last-30-days": _("Last 30 days"),
    "last-90-days": _("Last 90 days"),
    "last-12-months": _("Last 12 months"),
    "this-month": _("This month"),
    "last-month": _("Last month"),
    "this-year": _("This year"),
    "last-year": _("Last year"),
}


class DateRange(Filter):
    """From one day to another, both included: `<name>_from`, `<name>_to`, or a period, `<name>`.

    The days are those of a date, or of an instant's local time in `zone`, by default the setting
    TIME_ZONE. A period is relative to today in that zone. `periods=False` allows none.

    `default` is a period, or two days (ISO texts or dates), None for an open end.
    """

    def __init__(
        self, path: str, *, zone: tzinfo | None = None, periods: bool = True, **options: Any
    ) -> None:
        super().__init__(path, **options)
        self._zone = zone
        self.suffixes = ("", "_from", "_to") if periods else ("_from", "_to")
        if isinstance(self.default, str):
            if not periods or not is_period(self.default):
                raise DeclarationError(
                    f"{self} has the default {self.default!r}. Write a period, such as"
                    " 'last-90-days', or a pair of days."
                )
            self.default = (self.default, None, None)
        elif self.default is not None:
            self.default = (None,) * periods + tuple(self.default)

    @property
    def zone(self) -> tzinfo:
        """Returns the time zone of the days."""
        return self._zone or timezone.get_default_timezone()

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        return {
            name: PeriodField(label=self.label, help_text=self.help_text)
            if name == self.name
            else self._day(name)
            for name in self.parameters
        }

    def _day(self, name: str) -> forms.DateField:
        label = _("%(label)s from") if name.endswith("_from") else _("%(label)s to")
        return forms.DateField(
            required=False,
            label=label % {"label": self.label},
            help_text=self.help_text,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
            error_messages={"invalid": _("Enter a date as YYYY-MM-DD, such as 2013-07-04.")},
        )

    def clean(self, form: Any) -> None:
        """Replaces missing days by those of the period."""
        text = form.cleaned_data.get(self.name)
        if not text:
            return
        others = [name for name in self.parameters[1:] if form.in_force.get(name)]
        if others:
            sentence = _("Give either the period “%(name)s” or %(others)s, not both.")
            form.add_error(self.name, sentence % {"name": self.name, "others": ", ".join(others)})
            return
        try:
            first, last = days_of(text, form.now.astimezone(self.zone).date())
        except OverflowError:
            sentence = _("The period “%(text)s” begins before %(first)s: write fewer.")
            form.add_error(self.name, sentence % {"text": text, "first": FIRST_DAY})
            return
        form.cleaned_data |= {self.parameters[1]: first, self.parameters[2]: last}
        form.resolved |= {
            self.parameters[1]: first.isoformat(),
            self.parameters[2]: last.isoformat(),
        }
        form.explained[self.name] = _("%(first)s to %(last)s") % {"first": first, "last": last}

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        field = self.demand(rows, DateField)  # a DateTimeField is one
        first, last = values.get(f"{self.name}_from"), values.get(f"{self.name}_to")
        if first is None and last is None:
            return rows
        if isinstance(field, DateTimeField):
            return self.narrowed(rows, lambda name: _instants(name, first, last, self.zone))
        return self.narrowed(rows, lambda name: between(name, gte=first, lte=last))

    def bounds(
        self, rows: QuerySet[Model], values: dict[str, Any], zone: tzinfo
    ) -> tuple[date | None, date | None]:
        """Returns the first and last day in another zone that it allows, None for no limit."""
        first, last = values.get(f"{self.name}_from"), values.get(f"{self.name}_to")
        if not isinstance(self.source(rows).field, DateTimeField):
            return first, last
        end = None if last is None else datetime.combine(last + DAY, time(), self.zone)
        return (
            first and datetime.combine(first, time(), self.zone).astimezone(zone).date(),
            end and (end.astimezone(UTC) - timedelta.resolution).astimezone(zone).date(),
        )


class PeriodField(forms.CharField):
    """A field for the text of a period."""

    def __init__(self, **options: Any) -> None:
        widget = PeriodSelect(choices=[("", _("Any time")), *PERIODS.items()])
        super().__init__(required=False, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and not is_period(text):
            raise forms.ValidationError(
                _(
                    "“%(text)s” is not a period. Write today, yesterday, this-month, last-month,"
                    " this-year, last-year, or a number of days, weeks, months or years such as"
                    " last-90-days."
                )
                % {"text": text[:40]}
            )
        return text

    def shown(self, text: str) -> str:
        """Returns the period in words."""
        return words(text)


class PeriodSelect(forms.Select):
    """A list of common periods, and the one that applies."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        choices = self.choices
        try:
            known = {key for key, _label in choices}
            self.choices = [*choices, *((each, words(each)) for each in value if each not in known)]
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = choices


def words(period: str) -> str:
    """Returns a period in words."""
    return str(PERIODS.get(period) or period.replace("-", " ").capitalize())


def is_period(text: str) -> bool:
    """Whether a text names a period."""
    return text in PERIODS or PERIOD.fullmatch(text) is not None


def days_of(text: str, today: date) -> tuple[date, date]:
    """Returns the first and the last day of a period.

    The last N days, weeks, months or years end with today. N months before the 31st is the last day
    of a shorter month; the period begins on the day after. Raises OverflowError if it would begin
    before FIRST_DAY.
    """
    this_month, this_year = today.replace(day=1), today.replace(month=1, day=1)
    match text:
        case "today":
            return today, today
        case "yesterday":
            return today - DAY, today - DAY
        case "this-month":
            return this_month, _months_before(this_month, -1) - DAY
        case "last-month":
            return _months_before(this_month, 1), this_month - DAY
        case "this-year":
            return this_year, _months_before(this_year, -12) - DAY
        case "last-year":
            return _months_before(this_year, 12), this_year - DAY
    found = PERIOD.fullmatch(text)
    assert found is not None
    count, unit = int(found[1]), found[2]
    if unit in ("days", "weeks"):
        first = today - (count * 7 if unit == "weeks" else count) * DAY + DAY
    else:
        first = _months_before(today, count * 12 if unit == "years" else count) + DAY
    return first, today


def _months_before(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    if year < FIRST_DAY.year:
        raise OverflowError
    next_month = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (next_month - DAY).day))


def _instants(name: str, first: date | None, last: date | None, zone: tzinfo) -> list[Q]:
    """Yields conditions that an instant is within local days."""
    conditions: list[Q] = []
    if first is not None:
        start, jump, again = _beginning(first, zone)
        since = Q((f"{name}__gte", start))
        if jump < again:
            since = Q((f"{name}__gte", again)) | (since & Q((f"{name}__lt", jump)))
        conditions.append(since)
    if last is not None:
        end, jump, again = _beginning(last + DAY, zone)
        before = Q((f"{name}__lt", end))
        if jump < again:
            before |= Q((f"{name}__gte", jump)) & Q((f"{name}__lt", again))
        conditions.append(before)
    return conditions


def _beginning(day: date, zone: tzinfo) -> tuple[datetime, datetime, datetime]:
    """Returns when a local day begins, when clocks go back over midnight, and when it begins again.

    The three are equal except for the few days at whose beginning clocks went back to the day
    before, as at 00:01 in St. John's until 2011.
    """
    start = datetime.combine(day, time(), zone)
    again = start.replace(fold=1)
    if not again.astimezone(UTC) > start.astimezone(UTC):
        return start, start, start
    jump = next((at for at, _ in transitions(zone) if start.astimezone(UTC) < at <= again), again)
    return start, jump, again
