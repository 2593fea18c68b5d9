"""A Slack, a Google Sheets, a HubSpot, Resend, a mail server, Zapier, Make, n8n and a plain URL on loopback.

For demo, tests and benchmarks; they stand here because this package plays everything outside the receiver. They are
stateful, can be read back, refuse what the real ones refuse, and fail on command.
"""

try:
    from .server import Destinations
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "cryptography":
        raise
    raise ModuleNotFoundError(
        "The played destinations need more than the mock sender does: "
        "pip install './inboundflow-receiver/mock_sender[destinations]'",
        name=error.name,
    ) from error

__all__ = ["Destinations"]
