"""A Slack, a Google Sheets, a HubSpot and a plain URL on loopback, for the demo, the tests and the benchmarks.

They stand here because this package plays everything outside the receiver. They are stateful, can be read back,
refuse what the real ones refuse, and fail on command.
"""

from .server import Destinations

__all__ = ["Destinations"]
