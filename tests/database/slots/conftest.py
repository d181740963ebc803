import pytest

from tests.support.agenda import a_doctor


@pytest.fixture
def doctor(session):
    """A practitioner of a territory who may publish."""
    return a_doctor(session)
