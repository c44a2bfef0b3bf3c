from datetime import UTC, datetime

import pytest

from lightbox.costs.catalogue.catalogue import Catalogue, Rates


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def at() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def rates(catalogue: Catalogue, at: datetime) -> Rates:
    return catalogue.at(at)
