"""Lower and upper case, and letters without diacritics, by one table for all databases.

The table is geo/backends/letters.py. It maps one code point to one, so that case never changes a
text's length: the upper case of sharp s is itself, as is that of the ligature fi; the lower case of
the dotted capital I is i; and the final small sigma is another letter than the medial one.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from geo.backends.compat import (
    Compiler,
    Connection,
    Sql,
    is_mariadb,
    mysql_server_version,
    postgresql_server_version,
)
from geo.backends.letters import BASES, LOWER, UPPER
from geo.backends.reads import UNREAD
from geo.backends.wrapper import wrapper_of
from reports.errors import NotPortable
from reports.expressions.text.code_point import TextFunction

MARKS = "\u0300-\u036f"
# All of the two planes that have letters with case.
EVERY = "".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0x20000))))
# Europe's scripts and signs, and Chinese and Japanese.
USUAL = (range(1, 0x530), range(0x1E00, 0x2C00), range(0x3000, 0xA000))
# The first PostgreSQL with its own case table instead of the operating system's.
BUILTIN_CASE = 170000

# By server and version, because finding them takes long.
_differences: dict[tuple[Any, ...], tuple[str, str]] = {}


class _Case(TextFunction):
    """The server's own case, corrected for letters that its table maps differently.

    Each server is asked once which letters those are, because tables grow with versions. SQL that
    is written before that has no corrections (geo/backends/reads.py).
    """

    arity = 1
    function: str
    table: dict[int, int]

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        collation = "pg_c_utf8" if postgresql_server_version(connection) >= BUILTIN_CASE else "C"
        sql = f'{self.function}({{0}} COLLATE "{collation}") COLLATE "C"'
        if letters := "".join(self._differences(connection, sql)):
            before, after = "".join(map(chr, self.table)), "".join(map(chr, self.table.values()))
            sql = (
                f"CASE WHEN {{0}} ~ '[{ranges(letters)}]'"
                f" THEN TRANSLATE({{0}}, '{before}', '{after}') ELSE {sql} END"
            )
        return self.as_sql(compiler, connection, template=f"({sql})")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        of_mariadb = is_mariadb(connection)
        collation = "utf8mb4_uca1400_as_cs" if of_mariadb else "utf8mb4_0900_as_cs"
        sql = f"{self.function}({{0}} COLLATE {collation})"
        letters, surplus = self._differences(connection, sql, cuts=not of_mariadb)
        if surplus:
            raise NotPortable(
                f"{type(self).__name__}: database {connection.alias!r} changes characters that"
                f" others do not: {surplus[:20]!r}."
            )
        if letters:
            replaced = "{0}"
            for letter in letters:
                replaced = f"REPLACE({replaced}, '{letter}', '{self._of(letter)}')"
            # Only ASCII has as many bytes as characters.
            sql = (
                f"IF(LENGTH({{0}}) = CHAR_LENGTH({{0}}), {sql}, IF({{0}} REGEXP"
                f" '[{ranges(letters)}]', {sql.replace('{0}', replaced)}, {sql}))"
            )
        return self.as_sql(
            compiler,
            connection,
            template=f"({sql}) COLLATE {wrapper_of(connection).ops.code_point_collation}",
        )

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # Only ASCII has as many bytes as characters, and SQLite's own function suffices for it.
        return self.as_sql(
            compiler,
            connection,
            template=f"CASE WHEN OCTET_LENGTH({{0}}) = LENGTH({{0}}) THEN {self.function}({{0}})"
            f" ELSE isoline_{self.function.lower()}({{0}}) END",
        )

    def _of(self, letter: str) -> str:
        return letter.translate(self.table)

    def _differences(
        self, connection: Connection, sql: str, *, cuts: bool = False
    ) -> tuple[str, str]:
        """Returns the letters that the server maps differently, and characters it should not map.

        If a server `cuts` a text that takes more bytes than before, such letters are left out.
        """
        is_mysql = connection.vendor == "mysql"
        version = (
            mysql_server_version(connection) if is_mysql else postgresql_server_version(connection)
        )
        settings = connection.settings_dict
        server = (connection.vendor, settings["HOST"], str(settings["PORT"]), version)
        key = (*server, sql)
        if key not in _differences:
            read = partial(self._read_differences, connection, sql, cuts=cuts)
            found = wrapper_of(connection).known(("letters", sql), lambda _: read())
            if found is UNREAD:
                return "", ""
            _differences[key] = found
        return _differences[key]

    def _read_differences(self, connection: Connection, sql: str, *, cuts: bool) -> tuple[str, str]:
        grown = ""
        if cuts:
            grown = "".join(c for c in map(chr, self.table) if _bytes(self._of(c)) > _bytes(c))
        every = EVERY.translate(dict.fromkeys(map(ord, grown)))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {sql.format(wrapper_of(connection).ops.code_point_sql('%s'))}", [every]
            )
            (found,) = cursor.fetchone()
        wanted = every.translate(self.table)
        differing = [
            letter
            for letter, is_, should in zip(every, found, wanted, strict=True)
            if is_ != should
        ]
        return (
            "".join(letter for letter in differing if ord(letter) in self.table) + grown,
            "".join(letter for letter in differing if ord(letter) not in self.table),
        )


class Lower(_Case):
    """`Lower(expression)`: in lower case, by Unicode 15's simple mapping; NULL stays NULL."""

    function = "LOWER"
    table = LOWER


class Upper(_Case):
    """`Upper(expression)`: in upper case, by Unicode 15's simple mapping; NULL stays NULL."""

    function = "UPPER"
    table = UPPER


class CaseBlind(Lower):
    """`CaseBlind(expression)`: lower case, the same for all texts that differ only in case.

    It is for grouping, ordering and comparing. Sharp s and SS stay different, as do the two small
    sigmas.
    """


class AccentBlind(TextFunction):
    """`AccentBlind(expression)`: without the diacritics of Latin, Greek and Cyrillic letters.

    Letters that Unicode decomposes into a base letter and marks become that letter (`é` is e, `й`
    is и); separate marks (U+0300 to U+036F) are removed. Others, such as ø, đ, ł and ß, stay. It is
    for grouping, ordering and comparing names: MySQL refuses texts of 100,000 accents, and MariaDB
    is slow with them.
    """

    arity = 1
    sql_sqlite = "isoline_base({0})"

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # A table of hundreds of letters is searched linearly for each character, so it is used only
        # for texts of which normalization would change too much.
        before = "".join(BASES.values())
        after = "".join(base * len(letters) for base, letters in BASES.items())
        marks = "".join(map(chr, range(ord(MARKS[0]), ord(MARKS[-1]) + 1)))
        return self.as_sql(
            compiler,
            connection,
            template="(CASE WHEN OCTET_LENGTH({0}) = CHAR_LENGTH({0}) THEN {0}"
            f" WHEN {{0}} !~ '[^{_decomposed_alike()}]'"
            f" THEN REGEXP_REPLACE(NORMALIZE({{0}}, NFD), '[{MARKS}]', '', 'g')"
            f" ELSE TRANSLATE({{0}}, '{before}{marks}', '{after}') END)",
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        replaced = f"REGEXP_REPLACE({{0}}, '[{MARKS}]', '')"
        for base, letters in BASES.items():
            replaced = f"REGEXP_REPLACE({replaced}, '[{ranges(letters)}]', '{base}')"
        affected = MARKS + ranges("".join(BASES.values()))
        return self.as_sql(
            compiler,
            connection,
            template=f"(CASE WHEN {{0}} REGEXP '[{affected}]' THEN {replaced} ELSE {{0}} END)"
            f" COLLATE {wrapper_of(connection).ops.code_point_collation}",
        )


@lru_cache(maxsize=1)
def _decomposed_alike() -> str:
    """Returns characters whose decomposition without marks agrees with BASES or changes nothing."""
    bases = {letter: base for base, letters in BASES.items() for letter in letters}
    first, last = MARKS[0], MARKS[-1]
    return ranges(
        character
        for character in map(chr, chain(*USUAL))
        if unicodedata.category(character) != "Cn"
        and (first <= character <= last or not unicodedata.combining(character))
        and "".join(
            part for part in unicodedata.normalize("NFD", character) if not first <= part <= last
        )
        == ("" if first <= character <= last else bases.get(character, character))
    )


def ranges(characters: Iterable[str]) -> str:
    """Returns letters as the content of a regular expression's brackets."""
    found: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(
        chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in found
    )


def _bytes(letter: str) -> int:
    return len(letter.encode())
