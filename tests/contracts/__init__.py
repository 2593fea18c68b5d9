"""What real APIs accept, by rules that were not written here: one module for each destination that has such rules.

A module has `check(exchange)`, which raises AssertionError where the real API would refuse what the handler sent, or
would not have answered as the played one did.
"""

from importlib import import_module
from importlib.util import find_spec


def check(exchanges):
    """Hold every exchange against its destination's contract, if there is one."""
    for exchange in exchanges:
        name = f"{__name__}.{exchange.destination}"
        if find_spec(name):
            import_module(name).check(exchange)
