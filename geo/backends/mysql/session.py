"""Settings of every session, so that the server's own cannot change an answer."""

# MariaDB 11.8 loses rows if it pushes a condition into a derived table that groups by EXISTS.
MARIADB = ("optimizer_switch='condition_pushdown_for_derived=off'",)

SESSION = (
    # By default a string aggregate is truncated at 1 KiB (MySQL) or 1 MiB (MariaDB). 1 GiB is the
    # maximum of MariaDB 11.8.9, and of max_allowed_packet.
    "group_concat_max_len=1073741824",
    "time_zone='+00:00'",
    # Digits that a division adds: the maximum is 30, the default 4.
    "div_precision_increment=30",
    # MariaDB orders by at most this many bytes of a text, 1,024 by default. Longer texts raise
    # DataError (geo/backends/mysql/cursor.py); 64 KiB is the most that the default sort buffer can
    # hold.
    "max_sort_length=65536",
    # Strict, and without the modes that change what SQL means (ANSI_QUOTES, PIPES_AS_CONCAT,
    # PAD_CHAR_TO_FULL_LENGTH, NO_BACKSLASH_ESCAPES ...). Without NO_UNSIGNED_SUBTRACTION a
    # difference below zero is an error if one number is a PositiveIntegerField's or a rank.
    "sql_mode='STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION'",
)
