"""The properties of ours at HubSpot, and making them: `receiver setup hubspot`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from receiver import GiveUp

from .client import LIMITS, PROPERTIES, Client, accepted, read

PHONE_KEY, CALL_KEY, NOTE_KEY = "inboundflow_phone_e164", "inboundflow_call_id", "inboundflow_note_key"
DELIVERY = "inboundflow_delivery_id"
GROUP = "inboundflow"
OURS = {  # object, its unique property, and what that is called in HubSpot's pages
    "contacts": (PHONE_KEY, "InboundFlow phone (E.164)"),
    "calls": (CALL_KEY, "InboundFlow call"),
    "meetings": (CALL_KEY, "InboundFlow call"),
    "notes": (NOTE_KEY, "InboundFlow note"),
}
TYPE_IDS = {"contacts": "0-1", "calls": "0-48", "meetings": "0-47", "notes": "0-46"}  # HubSpot's, in what it counts
LOOKED_FOR = ("calls", "meetings", "notes")  # where their property has no unique values: activities.py
WITHOUT = ", without unique values: each is looked for before it is written"


def setup(settings: Mapping[str, str]) -> Iterator[str]:
    """Make the properties that are not there yet; a line for what is to be made, and one for each."""
    client = Client(settings)
    lacking = [(kind, name) for kind, name in wanted() if not is_there(client, kind, name)]
    yield plan(lacking, room(client))
    for kind, name in wanted():
        if (kind, name) in lacking:
            yield make(client, kind, name)
        else:
            yield f"{kind}: {name} was there{uniqueness(client, kind, name)}"


def wanted() -> list[tuple[str, str]]:
    """Each property of ours with its object, the unique ones first: nothing goes without them."""
    return [(kind, key) for kind, (key, _) in OURS.items()] + [(kind, DELIVERY) for kind in LOOKED_FOR]


def is_there(client: Client, kind: str, name: str) -> bool:
    answer = client.send("GET", f"{PROPERTIES}/{kind}/{name}")
    return answer.status_code != 404 and bool(accepted(answer))


def room(client: Client) -> dict[str, int]:
    """How many more custom properties the account takes of each object, and of all (""), as far as HubSpot says so."""
    answer = client.send("GET", f"{LIMITS}/custom-properties")
    body = read(answer)
    if answer.status_code != 200 or not isinstance(body, dict):
        return {}
    counts = [each for each in body.get("byObjectType") or [] if isinstance(each, dict)]
    by_type = {each.get("objectTypeId"): free(each, "limit", "usage") for each in counts}
    left = {kind: by_type.get(number) for kind, number in TYPE_IDS.items()}
    left[""] = free(body, "overallLimit", "overallUsage")
    return {where: number for where, number in left.items() if number is not None}


def free(counts: Mapping[str, Any], limit: str, usage: str) -> int | None:
    most, used = counts.get(limit), counts.get(usage)
    return most - used if isinstance(most, int) and isinstance(used, int) else None


def plan(lacking: list[tuple[str, str]], left: Mapping[str, int]) -> str:
    """What is to be made. Raises GiveUp, before anything is made, where the account has no room for it."""
    for where, number in left.items():
        needed = [f"{kind}: {name}" for kind, name in lacking if where in ("", kind)]
        if len(needed) > number:
            raise GiveUp(
                f"HubSpot takes {number} more custom properties{f' for {where}' if where else ''} in this account, and "
                f"{len(needed)} are needed ({', '.join(needed)}): delete some that nobody uses, and run this again"
            )
    made = ", ".join(f"{kind}: {name}" for kind, name in lacking)
    of = f", of {left['']} that the account still takes" if "" in left else ""
    return f"To be made{of}: {made}" if lacking else "Nothing is to be made"


def make(client: Client, kind: str, name: str) -> str:
    group = {"name": GROUP, "label": "InboundFlow", "displayOrder": -1}
    client.ask("POST", f"{PROPERTIES}/{kind}/groups", group, may_exist=True)
    label, unique = (OURS[kind][1], True) if name == OURS[kind][0] else ("InboundFlow deliveries", False)
    answer = client.send("POST", f"{PROPERTIES}/{kind}", definition(name, label, unique=unique))
    if answer.status_code == 400 and unique and kind in LOOKED_FOR:
        client.ask("POST", f"{PROPERTIES}/{kind}", definition(name, label, unique=False), may_exist=True)
        return f"{kind}: {name} made{WITHOUT}"
    accepted(answer)
    return f"{kind}: {name} made"


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Whether the token holds and the properties are there; makes nothing. Raises what is missing."""
    client = Client(settings)
    for kind, (name, _) in OURS.items():
        if not is_there(client, kind, name):
            raise GiveUp(f"HubSpot's {kind} have no property {name}: receiver setup hubspot")
        yield f"{kind}: {name} is there{uniqueness(client, kind, name)}"
    stage = settings.get("HUBSPOT_LEAD_STAGE", "lead")
    if stage in options(client.ask("GET", f"{PROPERTIES}/contacts/lifecyclestage")):
        yield f"contacts: the lifecycle stage {stage} is there"
    else:
        yield f"contacts: there is no lifecycle stage {stage}, leads are kept without one: see HUBSPOT_LEAD_STAGE"


def options(definition: object) -> list[str]:
    """The values that a property may have."""
    listed = definition.get("options") if isinstance(definition, dict) else None
    return [str(one.get("value")) for one in listed or [] if isinstance(one, dict)]


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


def uniqueness(client: Client, kind: str, name: str) -> str:
    """What to say of a property that is there. Raises GiveUp where it has to be unique, and is not: HubSpot cannot
    change that afterwards.
    """
    if name != OURS[kind][0] or (client.ask("GET", f"{PROPERTIES}/{kind}/{name}") or {}).get("hasUniqueValue"):
        return ""
    if kind in LOOKED_FOR:
        return WITHOUT
    raise GiveUp(
        f"HubSpot's {kind} have a property {name} without unique values, which cannot be changed afterwards: "
        "delete it under Settings, Properties, and run this again"
    )
