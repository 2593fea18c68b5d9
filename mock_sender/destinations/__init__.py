"""A Slack, a Google Sheets, a HubSpot, Zapier, Make, n8n and a plain URL on loopback, for demo, tests and benchmarks.

They stand here because this package plays everything outside the receiver. They are stateful, can be read back,
refuse what the real ones refuse, and fail on command.
"""

from .server import Destinations

__all__ = ["Destinations"]
