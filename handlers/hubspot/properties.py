"""The properties of ours at HubSpot, and making them: `receiver setup hubspot`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from receiver import GiveUp

from .client import Client

PHONE_KEY, CALL_KEY, NOTE_KEY = "inboundflow_phone_e164", "inboundflow_call_id", "inboundflow_note_key"
DELIVERY = "inboundflow_delivery_id"
GROUP = "inboundflow"
OURS = {  # object, its unique property, and what that is called in HubSpot's pages
    "contacts": (PHONE_KEY, "InboundFlow phone (E.164)"),
    "calls": (CALL_KEY, "InboundFlow call"),
    "meetings": (CALL_KEY, "InboundFlow call"),
    "notes": (NOTE_KEY, "InboundFlow note"),
}


def setup(settings: Mapping[str, str]) -> Iterator[str]:
    """Make the properties that are not there yet; a line for each."""
    client = Client(settings)
    for kind, (name, label) in OURS.items():
        group = {"name": GROUP, "label": "InboundFlow", "displayOrder": -1}
        client.ask("POST", f"crm/v3/properties/{kind}/groups", group, may_exist=True)
        made = client.ask("POST", f"crm/v3/properties/{kind}", definition(name, label, unique=True), may_exist=True)
        if made is None:
            must_be_unique(client, kind, name)
        yield status_line(kind, name, new=made is not None)
        if kind != "contacts":
            other = definition(DELIVERY, "InboundFlow deliveries", unique=False)
            made = client.ask("POST", f"crm/v3/properties/{kind}", other, may_exist=True)
            yield status_line(kind, DELIVERY, new=made is not None)


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Whether the token holds and the properties are there; makes nothing. Raises what is missing."""
    client = Client(settings)
    for kind, (name, _) in OURS.items():
        if client.send("GET", f"crm/v3/properties/{kind}/{name}").status_code == 404:
            raise GiveUp(f"HubSpot's {kind} have no property {name}: receiver setup hubspot")
        must_be_unique(client, kind, name)
        yield f"{kind}: {name} is there"


def definition(name: str, label: str, *, unique: bool) -> dict[str, object]:
    return {
        "name": name,
        "label": label,
        "groupName": GROUP,
        "type": "string",
        "fieldType": "text",
        "description": "Kept by the InboundFlow receiver. Please leave it as it is.",
        "hasUniqueValue": unique,
        "formField": False,
    }


def must_be_unique(client: Client, kind: str, name: str) -> None:
    """Raise GiveUp where the property that is there is not unique: HubSpot cannot change that afterwards."""
    existing = client.ask("GET", f"crm/v3/properties/{kind}/{name}")
    if not (existing or {}).get("hasUniqueValue"):
        raise GiveUp(
            f"HubSpot's {kind} have a property {name} without unique values, which cannot be changed afterwards: "
            "delete it under Settings, Properties, and run this again"
        )


def status_line(kind: str, name: str, *, new: bool) -> str:
    return f"{kind}: {name} {'made' if new else 'was there'}"
