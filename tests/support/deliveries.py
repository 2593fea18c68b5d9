"""A delivery of any bytes, as the inbox keeps it."""

from receiver.events import Delivery


def a_delivery(key="d-1", body=b"{}", received_us=1_000_000, **changes):
    return Delivery(key=key, body=body, received_us=received_us, event="call.completed", **changes)
