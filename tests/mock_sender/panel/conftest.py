import pytest

from mock_sender.inboundflow import InboundFlow
from mock_sender.panel import Business
from tests.mock_sender.panel.person import STORED, Panel
from tests.support.sender import a_receiver


@pytest.fixture
def flow():
    return InboundFlow()


@pytest.fixture
def panel(flow):
    with Business(flow) as business:
        yield Panel(flow, business)


@pytest.fixture
def receiver():
    with a_receiver(STORED) as receiver:
        yield receiver
