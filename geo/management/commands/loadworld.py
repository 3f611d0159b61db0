from geo.loading.command import LoadCommand
from geo.loading.world import FOLDER, WorldLoader


class Command(LoadCommand):
    help = "Load countries, shapes, states, cities and airports from the bundled files."
    loader = WorldLoader
    folder = FOLDER
