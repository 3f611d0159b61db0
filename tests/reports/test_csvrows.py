"""csvrows.c without a database: it writes what Python would, or leaves the row to Python."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.backends.bulk import END_OF_TEXT, ROW, TEXT
from reports.exports.fastcsv import library
from reports.formats.csv import Delimited, neutralise
from reports.values.numbers import round_half_up

pytestmark = pytest.mark.once

PLAIN = Delimited(for_people=False)


def run(
    block: bytes,
    kinds: str,
    *,
    places: int = 2,
    is_marked: bool = True,
    is_for_people: bool = False,
    room: int = 1 << 16,
) -> tuple[int, bytes, int, int]:
    """Returns the outcome, the output, the bytes read and the rows written."""
    table = library.Table(
        columns=len(kinds),
        kinds=kinds.encode(),
        places=(ctypes.c_size_t * len(kinds))(*[places] * len(kinds)),
        end=b"\r\n",
        end_size=2,
        separator=ord(","),
        is_marked=is_marked,
        is_for_people=is_for_people,
    )
    progress = library.Progress()
    out = ctypes.create_string_buffer(room)
    compiled = library.load()
    assert compiled is not None, "script/setup compiles it"
    outcome = compiled.isoline_lines(table, block, len(block), out, room, progress)
    return outcome, ctypes.string_at(out, progress.written), progress.read, progress.rows


def one(field: str, kind: str, **options: Any) -> str | None:
    """Returns the output for one field, or None if it is left to Python."""
    outcome, written, _, _ = run(field.encode() + ROW, kind, **options)
    return written.decode().removesuffix("\r\n") if outcome == library.ALL_READ else None


def test_a_table_without_columns_is_refused() -> None:
    """Its rows would have no bytes to read, so the loop would never end."""
    assert run(ROW + ROW, "") == (library.NO_COLUMNS, b"", 0, 0)
    assert run(b"\n\n", "", is_marked=False) == (library.NO_COLUMNS, b"", 0, 0)


def marked(text: str) -> bytes:
    return TEXT + text.encode() + END_OF_TEXT + ROW


def test_every_character_is_neutralised_as_python_does_it() -> None:
    characters = [chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) != "Cs"]
    for pattern in ("{}", "{}=1", ' "{}+1', "a\n{}-1", "a\r{}x"):
        texts = [pattern.format(character) for character in characters]
        block = b"".join(map(marked, texts))
        outcome, written, _, rows = run(block, "s", is_for_people=True, room=4 * len(block))
        assert (outcome, rows) == (library.ALL_READ, len(texts))
        assert written.decode() == "".join(PLAIN.record([neutralise(text)]) for text in texts)


TEXTS = st.text(alphabet="aé東\U0001f600 ,;\"\r\n\t=+-@\u00a0\u3000\uff1d'", max_size=12)


@given(texts=st.lists(TEXTS, max_size=6), is_for_people=st.booleans())
def test_texts_are_quoted_as_python_does_it_from_either_wire(
    texts: list[str], is_for_people: bool
) -> None:
    writer = Delimited(for_people=is_for_people)
    expected = "".join(writer.record([writer.shown(text)]) for text in texts)
    quoted = ['"' + text.replace('"', '""') + '"' for text in texts]
    bare = [
        q if not t or re.search('[",\r\n]', t) else t for t, q in zip(texts, quoted, strict=True)
    ]
    for block, is_marked in (
        (b"".join(map(marked, texts)), True),
        *(("".join(f"{field}\n" for field in form).encode(), False) for form in (bare, quoted)),
    ):
        outcome, written, read, rows = run(
            block, "s", is_marked=is_marked, is_for_people=is_for_people
        )
        assert (outcome, read, rows) == (library.ALL_READ, len(block), len(texts))
        assert written.decode() == expected


@given(number=st.decimals(allow_nan=False, allow_infinity=False), places=st.integers(0, 8))
@example(Decimal("-0.004"), 2)
@example(Decimal("99.995"), 2)
@example(Decimal("-9.5"), 0)
@example(Decimal("0.5"), 0)
def test_decimals_are_rounded_as_python_does_it(number: Decimal, places: int) -> None:
    text = f"{number:f}"
    if len(text) < 400:
        assert one(text, "n", places=places) == f"{round_half_up(Decimal(text), places):f}"


@pytest.mark.parametrize(
    ("kind", "field", "written"),
    [
        ("i", "-12", "-12"),
        ("i", "0", "0"),
        ("b", "t", "true"),
        ("b", "0", "false"),
        ("b", "false", "false"),
        ("d", "2000-02-29", "2000-02-29"),
        ("t", "10:00:00.5", "10:00:00.500000"),
        ("t", "10:00:00.000000", "10:00:00"),
        ("a", "2013-01-02 03:04:05+00", "2013-01-02T03:04:05Z"),
        ("a", "2013-01-02 03:04:05.000001", "2013-01-02T03:04:05.000001Z"),
        ("a", "2013-01-02T03:04:05Z", "2013-01-02T03:04:05Z"),
        ("u", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"),
        ("u", "01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"),
    ],
)
def test_a_database_s_own_text_becomes_canonical(kind: str, field: str, written: str) -> None:
    assert one(field, kind) == written
    assert one("", kind) == ""


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("i", ["-", "-0", "007", "1.0", "1e3", "+1", "٣", "x"]),
        ("n", [".", ".5", "-", "1e3", "NaN", "Infinity", "1,5", "00.1", "--1"]),
        ("b", ["2", "yes", "T", "tr", "truex"]),
        ("d", ["2013-02-29", "1900-02-29", "2013-04-31", "2013-00-10"]),
        ("d", ["0000-01-01", "10000-01-01", "2013-1-1"]),
        ("t", ["24:00:00", "10:60:00", "10:00", "10:00:00.", "10:00:00.1234567", "-10:00:00"]),
        ("a", ["2013-01-02", "2013-01-02 03:04:05+01", "2013-01-02 03:04:05-00", "infinity"]),
        ("u", ["0123", "0123456789ABCDEF0123456789ABCDEF", "01234567-89abcdef0123456789abcdef"]),
    ],
)
def test_any_other_form_is_left_to_python(kind: str, fields: list[str]) -> None:
    for field in fields:
        assert one(field, kind) is None, field


PIECES = (TEXT, END_OF_TEXT, ROW, b",", b'"', b"\n", b"-", b"1", b".", b"2013-01-02", b"t", b"\xe3")


@given(
    kinds=st.text(alphabet="sinbdtau", min_size=1, max_size=5),
    block=st.binary(max_size=60) | st.lists(st.sampled_from(PIECES)).map(b"".join),
    is_marked=st.booleans(),
    room=st.integers(0, 80),
)
def test_no_bytes_lead_it_outside_its_buffers(
    kinds: str, block: bytes, is_marked: bool, room: int
) -> None:
    outcome, written, read, rows = run(
        block, kinds, is_marked=is_marked, is_for_people=True, room=room
    )
    assert len(written) <= room
    assert read <= len(block)
    assert written.count(b"\r\n") >= rows
    assert (outcome == library.ALL_READ) == (read == len(block))


def test_rows_that_find_no_room_are_written_by_the_next_call() -> None:
    block = marked("first") + marked("second")
    assert run(block, "s", room=16) == (library.NO_ROOM, b"first\r\n", len(marked("first")), 1)
    assert run(block, "s", room=3) == (library.NO_ROOM, b"", 0, 0)


def test_what_another_source_was_compiled_to_is_not_loaded(tmp_path: Path) -> None:
    """The next compilation removes it."""
    for file in ("library.py", "csvrows.c"):
        shutil.copy(Path(library.__file__).with_name(file), tmp_path)
    source = tmp_path / "csvrows.c"
    source.write_text(source.read_text() + "/* another */\n")
    old = tmp_path / library.path().name
    shutil.copy(library.path(), old)
    subprocess.run([sys.executable, tmp_path / "library.py"], check=True)
    (new,) = tmp_path.glob("*.so")
    assert new.name != old.name


def test_a_machine_without_a_compiler_is_told(tmp_path: Path) -> None:
    for file in ("library.py", "csvrows.c"):
        shutil.copy(Path(library.__file__).with_name(file), tmp_path)
    done = subprocess.run(
        [sys.executable, tmp_path / "library.py"],
        env=os.environ | {"CC": "no-such-compiler"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("csvrows.c could not be compiled: ")
    assert "no-such-compiler" in done.stderr
    assert not list(tmp_path.glob("_csvrows*"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("isoline_layout[] = {1,", "isoline_layout[] = {2,"),
        ("    size_t read, written, rows;", "    size_t read, written, rows, more;"),
        ("EXPORTED const size_t isoline_layout", "const size_t isoline_layout"),
    ],
    ids=["another version", "another structure", "no version"],
)
def test_another_interface_is_not_called(tmp_path: Path, old: str, new: str) -> None:
    for file in ("library.py", "csvrows.c"):
        shutil.copy(Path(library.__file__).with_name(file), tmp_path)
    source = tmp_path / "csvrows.c"
    assert source.read_text().count(old) == 1
    source.write_text(source.read_text().replace(old, new))
    subprocess.run([sys.executable, tmp_path / "library.py"], check=True)
    loaded = "import library, sys; sys.exit(library.load() is not None)"
    assert not subprocess.run([sys.executable, "-c", loaded], cwd=tmp_path, check=False).returncode


def test_the_forms_that_python_gives_are_canonical_already() -> None:
    for kind, value in (
        ("d", date(1, 1, 1)),
        ("t", time(23, 59, 59, 10)),
        ("a", datetime(9999, 12, 31, 23, 59, 59, 1)),
    ):
        written = one(value.isoformat(), kind)
        assert written == value.isoformat() + "Z" * (kind == "a")
