"""What memory an export takes, by rows and by format, above the started process."""

from collections.abc import Sequence
from subprocess import CalledProcessError

from reports.formats import FORMATS, Format
from tests.bench import sales
from tests.bench.measures import MB, Bench, table

MEMORY = 50  # MB at most
FLAT = 10  # MB that the most rows may take more than the fewest


def measure(bench: Bench) -> None:
    """Print both tables. The sales are three times as many afterwards."""
    few, some, more = bench.rows // 100, bench.rows // 10, bench.rows * 3 // 10
    csv = FORMATS["csv"]
    found = _taken(bench, csv, [few, some, bench.rows], bench.rows)
    _table([few, more], [_row(name, _of_format(bench, name, [few, more])) for name in _others()])
    sales.fill_sales(3 * bench.rows)
    found += _taken(bench, csv, [3 * bench.rows], 3 * bench.rows)
    _table([few, some, bench.rows, 3 * bench.rows], [_row(csv.name, found)])


def _others() -> list[str]:
    return [name for name in FORMATS if name != "csv"]


def _of_format(bench: Bench, name: str, sizes: Sequence[int]) -> list[float]:
    format_, total = FORMATS[name], bench.rows
    if sales.wants_points(format_):
        total = max(sizes)
        sales.fill_points(total)
    try:
        return _taken(bench, format_, sizes, total)
    except CalledProcessError:
        bench.failures.append(f"an export as {name} failed: see above")
        return []


def _taken(bench: Bench, format_: Format, sizes: Sequence[int], total: int) -> list[float]:
    """MB for the last so many of all the rows."""
    measures = [bench.measure("ours", format_.name, total - size) for size in sizes]
    wrong = [m.rows for m, size in zip(measures, sizes, strict=True) if m.rows != size]
    bench.failures += [f"{rows:,} rows of {format_.name} were too few or many" for rows in wrong]
    return [m.memory / MB for m in measures]


def _row(name: str, found: Sequence[float]) -> str:
    if not found:
        return f"{name} | | | | | failed"
    growth = found[-1] - found[0]
    verdict = "ok" if max(found) <= MEMORY and growth <= FLAT else "over"
    figures = " | ".join(f"{megabytes:.1f}" for megabytes in found)
    return f"{name} | {figures} | {growth:.1f} | {MEMORY}, and {FLAT} more | {verdict}"


def _table(sizes: Sequence[int], rows: Sequence[str]) -> None:
    heads = " | ".join(f"{size:,} rows" for size in sizes)
    table(f"memory, MB | {heads} | grows by | at most |", rows)
