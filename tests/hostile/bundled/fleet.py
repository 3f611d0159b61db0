"""The reports of planes."""

from tests.hostile.bundled.files import Keeps, everything, integer, read
from tests.hostile.bundled.numbers import deviation, percentage, percentile, usual
from tests.hostile.oracle import (
    Row,
    Table,
    grouped,
    joined,
    mean,
    ordered,
    tabled,
)


def _planes() -> list[Row]:
    return [
        row | {"year": integer(row["year"]), "seats": int(row["seats"])}
        for row in read("aviation/data/planes.csv.gz")
    ]


def planes_by_model() -> Table:
    records = [
        {
            "manufacturer": manufacturer,
            "model": model,
            "planes": len(group),
            "engine": min(plane["engine"] for plane in group),
            "mean_seats": mean((plane["seats"] for plane in group), 1),
            "mean_year": mean((plane["year"] for plane in group), 1),
        }
        for (manufacturer, model), group in grouped(
            _planes(), lambda plane: (plane["manufacturer"], plane["model"])
        ).items()
    ]
    return tabled(ordered(records, "-planes", "manufacturer", "model"), *records[0])


def fleet_age(keeps: Keeps = everything) -> Table:
    records = []
    for manufacturer, group in grouped(
        filter(keeps, _planes()), lambda plane: plane["manufacturer"]
    ).items():
        ages = [2013 - plane["year"] for plane in group if plane["year"] is not None]
        records.append(
            {
                "manufacturer": manufacturer,
                "planes": len(group),
                "of_known_age": len(ages),
                "mean_age": mean(ages, 1),
                "median_age": percentile(ages, "0.5", 1),
                "oldest": max(ages, default=None),
                "oldest_plane": ordered(group, "year", "tailnum")[0]["tailnum"],
                "newest": min(ages, default=None),
                "over_20": percentage(sum(age > 20 for age in ages), len(ages), 1),
            }
        )
    return tabled(ordered(records, "-planes", "manufacturer"), *records[0])


def seats_by_engine() -> Table:
    records = []
    for (engine, engines), group in grouped(
        _planes(), lambda plane: (plane["engine"], int(plane["engines"]))
    ).items():
        seats = [plane["seats"] for plane in group]
        records.append(
            {
                "engine": engine,
                "engines": engines,
                "planes": len(group),
                "seats": sum(seats),
                "fewest": min(seats),
                "most": max(seats),
                "mean": mean(seats, 1),
                "median": percentile(seats, "0.5", 1),
                "deviation": deviation(seats, 2),
                "usual_model": usual(plane["model"] for plane in group),
                "manufacturers": joined(group, "manufacturer", ", ", distinct=True),
            }
        )
    return tabled(ordered(records, "-planes", "engine", "engines"), *records[0])
