"""Runs stored requests in a separate process: one request a line on standard input.

Prints a line for each: the SHA-256 of its bytes.
"""

import os
import sys


def main() -> None:
    """Runs the requests from standard input."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    django.setup()
    from django.utils import timezone, translation

    from reports.exports.pipeline import ExportPipeline
    from reports.queries.request import ReportRequest, run

    translation.activate(os.environ["REPLAY_LANGUAGE"])
    timezone.activate(os.environ["REPLAY_TIME_ZONE"])
    for line in sys.stdin:
        export = ExportPipeline.of(run(ReportRequest.from_json(line)))
        for _piece in export.pieces():
            pass
        print(export.sha256, flush=True)


if __name__ == "__main__":
    main()
