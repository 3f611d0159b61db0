"""Settings of every session, so that the server's own change neither answers nor speed."""

SESSION = {
    # The driver reads dates and intervals only in these formats.
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    # Floats with all their bits.
    "extra_float_digits": "1",
    # `x = NULL` is NULL, not `x IS NULL`.
    "transform_null_equals": "off",
    # Compiling the search tree of a time zone takes ten times as long as running it.
    "jit": "off",
    # A parallel worker takes 10 ms to start. The planner overestimates spatial predicates, and
    # starts one for a few hundred points. Tables below this size are read faster without.
    "min_parallel_table_scan_size": "16MB",
    # A backslash in a literal is a backslash.
    "standard_conforming_strings": "on",
}
