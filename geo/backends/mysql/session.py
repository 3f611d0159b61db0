"""Settings of every session, so that the server's own cannot change an answer."""

# MariaDB 11.8 loses rows where it moves a condition into a derived table that groups by EXISTS.
MARIADB = ("optimizer_switch='condition_pushdown_for_derived=off'",)

SESSION = (
    # Stock servers cut a string aggregate at 1 KiB (MySQL) or 1 MiB (MariaDB). 1 GiB is the most
    # that MariaDB 11.8.9 takes, and the most that max_allowed_packet can let through.
    "group_concat_max_len=1073741824",
    "time_zone='+00:00'",
    # Digits that a division adds; 30 is the most there is, 4 the default.
    "div_precision_increment=30",
    # MariaDB orders by so many bytes of a text and no more, 1,024 unless told. Longer ones raise
    # DataError (geo/backends/mysql/cursor.py); 64 KiB is what its stock sort buffer can take.
    "max_sort_length=65536",
    # Strict, and none of the modes that change what SQL means (ANSI_QUOTES, PIPES_AS_CONCAT,
    # PAD_CHAR_TO_FULL_LENGTH, NO_BACKSLASH_ESCAPES ...). NO_UNSIGNED_SUBTRACTION: otherwise a
    # difference below zero is an error if one number is a PositiveIntegerField's or a rank.
    "sql_mode='STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION'",
)
