"""What the tests of a stranger's projects share."""

from pathlib import Path

import pytest

from tests.stranger.distribution import build, committed


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of what is committed."""
    tree = committed(tmp_path_factory.mktemp("committed"))
    return build("wheel", tree, tmp_path_factory.mktemp("wheel"))[0]
