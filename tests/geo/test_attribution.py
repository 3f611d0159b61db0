"""Every bundled file has its source and licence, on the page and in the documentation."""

from pathlib import Path

import pytest

import aviation.attribution
import geo.attribution
from aviation.loading import FlightsLoader
from geo.loading.world import WorldLoader

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parents[2] / "docs" / "data.md"


def test_every_bundled_file_is_attributed_and_loaded():
    for module, loader in ((geo.attribution, WorldLoader), (aviation.attribution, FlightsLoader)):
        bundled = {path.name for path in (Path(module.__file__).parent / "data").iterdir()}
        attributed = [name for source in module.ATTRIBUTIONS for name in source.files]
        assert sorted(attributed) == sorted(bundled - {"README.md"}) == sorted(loader.primary)


def test_the_documentation_names_every_file_and_licence():
    text = DOCS.read_text(encoding="utf-8")
    for source in (*geo.attribution.ATTRIBUTIONS, *aviation.attribution.ATTRIBUTIONS):
        assert source.url in text
        assert source.licence in text
        assert source.notice in text
        assert all(name in text for name in source.files)
