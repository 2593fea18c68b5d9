"""Deleting the tasks and events that were made of somebody who is erased.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_delete_record.htm: into the recycle bin,
from which people can restore them for 15 days.
"""

from __future__ import annotations

from urllib.parse import quote

from receiver import GiveUp, Run

from .client import KEY, Client
from .people import path
from .refusals import NotEditable

KINDS = {"call": "Task", "booking": "Event", "note": "Task"}


class Forgetting:
    def __init__(self, run: Run) -> None:
        self.client = Client(run.settings)

    def delete(self, kind: str, id: str, key: str) -> None:
        thing = KINDS[kind]
        where = f"{thing}/{quote(id, safe='')}" if id else path(thing, key)
        record = self.client.ask("GET", f"{where}?fields=Id,{KEY}", may_be_missing=True)
        if not isinstance(record, dict):
            return
        if not record.get(KEY):
            raise GiveUp(f"Salesforce's {thing} {id} has no {KEY}: somebody else made it, or took that away")
        try:
            self.client.ask("DELETE", f"{thing}/{record['Id']}", may_be_missing=True)
        except NotEditable as refused:
            raise GiveUp(f"{refused.args[0].partition(':')[0]}: the app's user may not delete it") from refused
