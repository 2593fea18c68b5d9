"""Alerts in a Slack channel, another than that of the calls: one about that channel could not arrive there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from receiver import ConfigurationError, Notice
from receiver.toolkit import allowed_hosts, check_url

from . import webhook
from .text import ENTITIES, cut

WEBHOOK, CHANNEL = "ALERT_SLACK_WEBHOOK_URL", "ALERT_SLACK_CHANNEL"
TEXT_UNITS = 4000  # that Slack shows of a message
MARKS = {"attention": ":warning: ", "over": ":white_check_mark: ", "daily": "", "test": ""}


def alert_target(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Raises ConfigurationError where it is the place of the calls."""
    for variable, calls in ((WEBHOOK, webhook.NAME), (CHANNEL, "SLACK_CHANNEL")):
        if settings.get(variable) and settings.get(variable) == settings[calls]:
            raise ConfigurationError(
                f"{variable} is the same as {calls}: choose another, as an alert about that one could not arrive there"
            )
    if WEBHOOK in settings:
        check_url(settings[WEBHOOK], WEBHOOK, allowed_hosts(settings["FORWARD_ALLOW_HOSTS"]))
    elif not re.fullmatch("[CGD][A-Z0-9]+", settings[CHANNEL]):
        raise ConfigurationError(
            f"{CHANNEL} should be the channel's id, C…: open the channel's details, it stands at the bottom"
        )
    return {"": dict(settings)}


def check_alert(settings: Mapping[str, str]) -> Iterator[str]:
    """As the handler's own: a webhook cannot be asked anything."""
    if WEBHOOK in settings:
        yield "a webhook cannot be asked without posting: `receiver alert --test` shows whether it works"
        return
    from .bot import check_token_of

    yield from check_token_of(settings)


def say(notice: Notice, settings: Mapping[str, str]) -> str:
    text = cut([MARKS.get(notice.kind, ""), *(ENTITIES.get(sign, sign) for sign in notice.text)], TEXT_UNITS)
    if WEBHOOK in settings:
        webhook.say(settings[WEBHOOK], text, settings["FORWARD_ALLOW_HOSTS"], WEBHOOK)
        return "ok"
    from .channel import post_text  # with Slack's client

    return post_text(settings, settings[CHANNEL], CHANNEL, text, notice.key)
