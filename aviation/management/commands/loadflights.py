from argparse import ArgumentParser, ArgumentTypeError

from aviation.loading import FOLDER, FlightsLoader
from geo.loading.command import LoadCommand


class Command(LoadCommand):
    help = "Load airlines, planes, weather, flights and routes from the bundled files."
    loader = FlightsLoader
    folder = FOLDER

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--limit",
            type=_positive,
            metavar="N",
            help="Load only the first N flights; without it, a later run completes them.",
        )


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of flights: give 1 or more.")
    return number
