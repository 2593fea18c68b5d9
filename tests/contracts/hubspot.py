"""HubSpot's names, as HubSpot's own client knows them (Apache-2.0).

Its models validate nothing by themselves, so requests are held against their maps of names and types here; answers
must come through its deserialiser with nothing left over.
"""

import json
import re
from types import SimpleNamespace

from hubspot.crm import associations, contacts, objects, properties
from hubspot.crm.associations.v4 import ApiClient as AssociationsClient
from hubspot.crm.associations.v4 import models as association_models
from hubspot.crm.contacts import models as contact_models
from hubspot.crm.objects import models as object_models
from hubspot.crm.properties import models as property_models

assert associations  # imported for its submodule

UPSERT = "BatchInputSimplePublicObjectBatchInputUpsert"
UPSERTED = {200: "BatchResponseSimplePublicUpsertObject", 207: "BatchResponseSimplePublicUpsertObjectWithErrors"}
READ = {200: "BatchResponseSimplePublicObject", 207: "BatchResponseSimplePublicObjectWithErrors"}
SEARCHED = {200: "CollectionResponseWithTotalSimplePublicObjectForwardPaging"}
ERRORS = "Error"

# method, path -> model of the request, models of the answers by status
CALLS = [
    ("POST", r"/crm/objects/DATE/(\w+)/batch/upsert", UPSERT, UPSERTED),
    ("POST", r"/crm/objects/DATE/(\w+)/batch/read", "BatchReadInputSimplePublicObjectId", READ),
    ("POST", r"/crm/objects/DATE/(\w+)/search", "PublicObjectSearchRequest", SEARCHED),
    ("GET", r"/crm/objects/DATE/(\w+)/\d+", None, {200: "SimplePublicObjectWithAssociations"}),
    ("PATCH", r"/crm/objects/DATE/(\w+)/\d+", "SimplePublicObjectInput", {200: "SimplePublicObject"}),
    ("POST", r"/crm/objects/DATE/\w+", "SimplePublicObjectInputForCreate", {201: "SimplePublicObject"}),
    ("DELETE", r"/crm/objects/DATE/\w+/\d+", None, {204: "object"}),
    ("GET", r"/crm/limits/DATE/custom-properties", None, {200: "object"}),
    ("PUT", r"/crm/objects/DATE/\w+/\d+/associations/default/\w+/\d+", None, {200: "BatchResponsePublicDefaultAssociation"}),
    ("POST", r"/crm/properties/DATE/\w+", "PropertyCreate", {201: "ModelProperty"}),
    ("POST", r"/crm/properties/DATE/\w+/groups", "PropertyGroupCreate", {201: "PropertyGroup"}),
    ("GET", r"/crm/properties/DATE/\w+/\w+", None, {200: "ModelProperty"}),
]  # fmt: skip


def check(exchange):
    """Refuse a path, a name or a type that HubSpot's client does not know, in what was asked and in what was said."""
    path = re.sub(r"^(/crm/\w+)/2026-03/", r"\1/DATE/", exchange.path)  # what the client has under v3 and v4
    found = next((call for call in CALLS if call[0] == exchange.method and re.fullmatch(call[1], path)), None)
    assert found, f"HubSpot's client has no {exchange.method} {exchange.path}"
    models, client = room(exchange.path)
    if found[2]:
        fits(json.loads(exchange.body), found[2], models, "the request")
    else:
        assert not exchange.body
    kind = found[3].get(exchange.status) or (ERRORS if exchange.status >= 400 else None)
    assert kind, f"HubSpot does not answer {exchange.status} to {exchange.method} {exchange.path}"
    answer = exchange.answer
    if kind == ERRORS:  # says `"status": "error"` too, which its client leaves out
        answer = {name: value for name, value in answer.items() if name != "status"}
    fits(answer, kind, models, "the answer")
    client.deserialize(SimpleNamespace(data=json.dumps(exchange.answer)), kind)


def room(path):
    """The models and the client of the part of the API that a path belongs to."""
    if path.startswith("/crm/properties"):
        return property_models, properties.ApiClient()
    if "/associations/" in path:
        return association_models, AssociationsClient()
    if path.startswith("/crm/objects/2026-03/contacts"):
        return contact_models, contacts.ApiClient()
    return object_models, objects.ApiClient()


def fits(value, kind, models, where):
    """Refuse what a model does not know, lacks or has as another type."""
    if value is None:
        return
    if listed := re.fullmatch(r"list\[(.+)\]", kind):
        assert isinstance(value, list), f"{where} is no list"
        for one in value:
            fits(one, listed[1], models, where)
    elif mapped := re.fullmatch(r"dict\[str, (.+)\]", kind):
        assert isinstance(value, dict), f"{where} is no object"
        for name, one in value.items():
            fits(one, mapped[1], models, f"{where}'s {name}")
    elif kind in ("str", "int", "bool", "float"):
        assert isinstance(value, {"str": str, "int": int, "bool": bool, "float": (int, float)}[kind]), (
            f"{where}: {kind}"
        )
    elif kind not in ("object", "datetime"):
        fits_model(value, getattr(models, kind), models, where)


def fits_model(value, model, models, where):
    types = {json_name: model.openapi_types[name] for name, json_name in model.attribute_map.items()}
    unknown = sorted(value.keys() - types.keys())
    assert not unknown, f"{where} has {unknown}, which {model.__name__} does not know"
    model(**{name: value.get(json_name) for name, json_name in model.attribute_map.items()})  # refuses what is lacking
    for name, one in value.items():
        fits(one, types[name], models, f"{where}'s {name}")
