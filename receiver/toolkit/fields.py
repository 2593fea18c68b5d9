"""Writing a record without what the CRM refuses of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..errors import GiveUp
from .people import Placed


class FieldsRefused(GiveUp):
    """A CRM does not take some fields of a record, which it names: what they hold, or that there is such a field.

    `fields` are their names, `codes` are what the CRM says is wrong, for the outcome.
    """

    def __init__(self, reason: str, fields: Collection[str], codes: str) -> None:
        super().__init__(f"{reason}: {', '.join(sorted(fields))}")
        self.fields, self.codes = frozenset(fields), codes


def without_refused(
    fields: Mapping[str, Any], write: Callable[[dict[str, Any]], str], *, needed: Collection[str] = ()
) -> Placed:
    """The id that `write` returns for the fields, and a remark on those that it refused and that were left out.

    Those that are `needed` are never left out. Raises FieldsRefused where nothing is left to leave out.
    """
    kept, remarks = dict(fields), tuple[str, ...]()
    while True:
        try:
            return Placed(write(kept), remarks)
        except FieldsRefused as refused:
            left_out = sorted(refused.fields & kept.keys() - set(needed))
            if not left_out:
                raise
            kept = {name: value for name, value in kept.items() if name not in left_out}
            remarks = (*remarks, f"without {', '.join(left_out)} ({refused.codes})")
