"""A handler that does nothing, for what decides whether it is on and what it takes."""

from receiver.events import CallCompleted
from receiver.registry import Handler, all_of, one_of

SLACK = one_of(all_of("TOKEN", "CHANNEL"), "URL")


def a_handler(**changes):
    return Handler(
        **{
            "name": "toy.do",
            "function": print,
            "events": (CallCompleted,),
            "needs": SLACK,
            "optional": {},
            "targets": None,
            "timeout_s": 20,
            "parallel": 1,
        }
        | changes
    )
