"""Settings of every session, so that the server's own change no answer, nor its time."""

SESSION = {
    # Statements and rows are UTF-8, whatever OPTIONS or a role say.
    "client_encoding": "UTF8",
    # The driver reads dates and intervals in these forms only.
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    # Floats to their last bit.
    "extra_float_digits": "1",
    # `x = NULL` is NULL, not `x IS NULL`.
    "transform_null_equals": "off",
    # Compiling the search tree of a time zone takes ten times as long as running it does.
    "jit": "off",
    # A parallel worker takes 10 ms to start, and the planner, which takes spatial predicates for
    # dear, starts one for a few hundred points. What is less than this is read sooner without.
    "min_parallel_table_scan_size": "16MB",
    # A backslash in a literal is a backslash.
    "standard_conforming_strings": "on",
}
