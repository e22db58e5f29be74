"""What every test of the registry begins with."""

import pytest

from tests.support.registry_story import Story, founded


@pytest.fixture
def story() -> Story:
    """A store just founded by A-1 and B-2."""
    return founded()
