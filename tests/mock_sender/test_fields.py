import pytest

from mock_sender import fields
from tests.mock_sender.schemas.examples import DOCUMENTED


@pytest.mark.parametrize("of", fields.EVENTS, ids=lambda of: of.name)
def test_just_the_values_of_the_documentation_are_said_to_be_its_own(of):
    shown = {field.name for field in of.fields if field.shown}

    assert shown == {field.name for field in of.fields if field.name in (*DOCUMENTED, "urgency")}
