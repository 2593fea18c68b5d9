"""How people call a destination: its name, and where it has several targets, which."""

from __future__ import annotations

from ..registry import Lane

NAMES = {"hubspot": "HubSpot", "n8n": "n8n", "email": "E-mail", "forward": "Webhook", "google_sheets": "Google Sheets"}


def place(lane: Lane) -> str:
    """Of a target that is an address, its domain: an alert goes to places where others read it too."""
    module = lane.handler.partition(".")[0]
    name = NAMES.get(module, module.replace("_", " ").title())
    target = lane.target.rpartition("@")[2] if "@" in lane.target else lane.target
    return " ".join(filter(None, (name, target, f"[{lane.source}]" if lane.source else "")))
