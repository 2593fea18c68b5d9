"""What the handler keeps at one Salesforce org, and an error as Salesforce words it."""

import json

from tests.support.crm import SALESFORCE, run


def keep(world, event, **changes):
    return run(world, SALESFORCE, event, **changes)


def records(world, kind):
    return list(world.salesforce.records[kind].values())


def errors(code, *fields):
    return json.dumps([{"errorCode": code, "message": "m", "fields": list(fields)}])
