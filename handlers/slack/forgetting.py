"""Deleting the messages that were posted of somebody who is erased: https://docs.slack.dev/reference/methods/chat.delete

A bot may delete what it posted itself, with the scope that it posts with.
"""

from __future__ import annotations

from receiver import Event, GiveUp, Run
from receiver.toolkit import business_language, say

from .channel import Channel, connect
from .thread import Place, Posting, read_place

OTHERS = "replies of others in the thread {thread}: {number}"


def delete_message(event: Event, run: Run, outcome: str) -> str:
    """What stays: the replies of others to the first message of a thread."""
    if outcome and not read_place(outcome):
        raise GiveUp("it was posted by a webhook: only people can delete it")
    place = read_place(outcome) or found(event, run)
    if place is None:
        return ""
    channel = Channel(
        client=connect(run.settings), id=place.channel, variable="SLACK_CHANNEL", check_lease=run.check_lease
    )
    channel.delete(place.ts)
    others = channel.replies_of_others(place.ts) if place.ts == place.thread else 0
    return say(OTHERS, business_language(run.settings), number=str(others), thread=place.thread) if others else ""


def found(event: Event, run: Run) -> Place | None:
    """After an attempt of unknown end: by the delivery's id, which its message carries."""
    posting = Posting(event, run)
    places = (posting.found(channel) for channel in posting.channels)
    return next((place for place in places if place), None)
