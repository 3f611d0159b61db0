"""What memory an export takes, by rows and by format, above the started process."""

from collections.abc import Sequence
from subprocess import CalledProcessError

from reports.formats import FORMATS, Format
from reports.formats.sheets import ROWS
from tests.bench import sales
from tests.bench.measures import MB, Bench, table

MEMORY = 50  # MB at most
FLAT = 10  # MB that the most rows may take more than the fewest
MOST_ROWS = {"xlsx": ROWS - 1}  # below the heading


def measure(bench: Bench) -> None:
    """Print the table: of one row in a hundred, and of three times as many as there were.

    XLSX as far as a sheet goes. Afterwards there are so many sales, and points.
    """
    few, most = bench.rows // 100, 3 * bench.rows
    sales.fill_sales(most)
    sales.fill_points(most)
    rows = [_row(name, [few, min(most, MOST_ROWS.get(name, most))], bench) for name in FORMATS]
    table("memory, MB (of rows) | few | many | grows by | at most |", rows)


def _row(name: str, sizes: Sequence[int], bench: Bench) -> str:
    try:
        found = _taken(bench, FORMATS[name], sizes, 3 * bench.rows)
    except CalledProcessError:
        bench.failures.append(f"an export as {name} failed: see above")
        return f"{name} | | | | | failed"
    growth = found[-1] - found[0]
    verdict = "ok" if max(found) <= MEMORY and growth <= FLAT else "over"
    figures = " | ".join(
        f"{megabytes:.1f} ({size:,})" for megabytes, size in zip(found, sizes, strict=True)
    )
    return f"{name} | {figures} | {growth:.1f} | {MEMORY}, and {FLAT} more | {verdict}"


def _taken(bench: Bench, format_: Format, sizes: Sequence[int], total: int) -> list[float]:
    """MB for the last so many of all the rows."""
    measures = [bench.measure("ours", format_.name, total - size) for size in sizes]
    wrong = [m.rows for m, size in zip(measures, sizes, strict=True) if m.rows != size]
    bench.failures += [f"{rows:,} rows of {format_.name} were too few or many" for rows in wrong]
    return [m.memory / MB for m in measures]
