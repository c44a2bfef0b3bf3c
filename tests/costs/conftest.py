from datetime import UTC, datetime

import pytest

from lightbox.costs.catalogue.catalogue import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def at() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)
