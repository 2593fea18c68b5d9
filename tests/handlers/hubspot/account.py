"""What the handler keeps at one HubSpot account, and an error as HubSpot words it."""

import json

from tests.support.crm import HUBSPOT, run


def keep(world, event, **changes):
    return run(world, HUBSPOT, event, **changes)


def records(world, kind):
    return list(world.hubspot.objects[kind].values())


def refusal(category, message="m", **more):
    return json.dumps({"status": "error", "category": category, "message": message, "correlationId": "c", **more})
