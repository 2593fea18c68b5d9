"""Posts each call to a Slack channel, as one thread. Recipe: recipes/slack.md.

With a bot token once: each message carries its delivery's id as metadata, and after an attempt of unknown end the
channel and the thread are asked for it first. With an incoming webhook at least once and without threads: a webhook
can neither be asked nor told where to reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from receiver import EVERY_EVENT, ConfigurationError, Event, Notice, Run, all_of, ambient, handles, notifies, one_of
from receiver.toolkit import BUSINESS, allowed_hosts, check_url

from . import alert as alerts
from . import webhook
from .mention import mentions

BOTS = r"(xoxe\.)?xoxb-"  # the longer one belongs to an app whose tokens rotate
OTHER_TOKENS = {
    "xapp-": "an app's token",
    "xoxp-": "a user's token",
    "xoxe.xoxp-": "a user's token",
    "xoxe-": "a token that refreshes",
}
QUOTES = tuple("\"'`“”‘’«»")


def targets(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """One target, once its settings make sense."""
    check_token(settings.get("SLACK_BOT_TOKEN", ""))
    check_channels(settings)
    mentions(settings)
    if webhook.NAME in settings:
        check_url(settings[webhook.NAME], webhook.NAME, allowed_hosts(settings["FORWARD_ALLOW_HOSTS"]))
    return {"": dict(settings)}


def check_token(token: str) -> None:
    """Raises ConfigurationError for what is no bot's token, as far as one can see that. It is not shown."""
    if not token or re.fullmatch(BOTS + r"[\w-]+", token, re.ASCII):
        return
    if token[:1] in QUOTES:
        raise ConfigurationError("SLACK_BOT_TOKEN has quotes around it: leave them out")
    if re.match(BOTS, token):
        raise ConfigurationError("SLACK_BOT_TOKEN has signs in it that no token has: copy it again")
    kind = next((kind for start, kind in OTHER_TOKENS.items() if token.startswith(start)), "no bot's token")
    raise ConfigurationError(f"SLACK_BOT_TOKEN is {kind}: copy the bot's, which begins with xoxb-")


def check_channels(settings: Mapping[str, str]) -> None:
    """Raises ConfigurationError for a name: Slack takes it for the first message of a call, and not for the edit."""
    for variable in ("SLACK_CHANNEL", "SLACK_URGENT_CHANNEL"):
        if not re.fullmatch("([CGD][A-Z0-9]+)?", settings.get(variable, "")):
            raise ConfigurationError(
                f"{variable} should be the channel's id, C…: open the channel's details, it stands at the bottom"
            )


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Ask Slack about the token and the channels. A webhook cannot be asked anything without posting."""
    if webhook.NAME in settings:
        yield "a webhook cannot be asked without posting: the first call will show whether it works"
        return
    from .bot import check_bot  # with Slack's client

    yield from check_bot(settings)


def forget(event: Event, run: Run, outcome: str) -> str:
    """Delete the delivery's message; what others replied to it stays, and is named."""
    from .forgetting import delete_message  # with Slack's client

    return delete_message(event, run, outcome)


def has_token(settings: Mapping[str, str]) -> bool:
    """With a webhook Slack cannot be asked anything, and nothing can be deleted."""
    return webhook.NAME not in settings


@handles(
    *EVERY_EVENT,
    needs=one_of(all_of("SLACK_BOT_TOKEN", "SLACK_CHANNEL"), webhook.NAME),
    optional={
        "SLACK_URGENT_CHANNEL": "",
        "SLACK_URGENT_MENTION": "",
        "SLACK_API_URL": "https://slack.com/api/",
        "FORWARD_ALLOW_HOSTS": "",
        **BUSINESS,
    },
    targets=targets,
    parallel=1,
    pace_s=1,  # Slack takes about one message a second in a channel
    check=check,
    asks=has_token,
    forget=forget,
    forgets=has_token,
)
def post(event: Event, run: Run) -> str:
    """Post it; the outcome says where the message and its thread are (a webhook answers `ok` and nothing else)."""
    if webhook.NAME in run.settings:
        return webhook.post(event, run)
    from . import thread  # with Slack's client

    return thread.post(event, run)


@notifies(
    needs=one_of(all_of(alerts.CHANNEL, ambient("SLACK_BOT_TOKEN")), alerts.WEBHOOK),
    optional={
        "SLACK_CHANNEL": "",
        webhook.NAME: "",
        "SLACK_API_URL": "https://slack.com/api/",
        "FORWARD_ALLOW_HOSTS": "",
    },
    targets=alerts.alert_target,
    check=alerts.check_alert,
)
def alert(notice: Notice, settings: Mapping[str, str]) -> str:
    """Post a notice in a channel of its own. Recipe: recipes/monitor.md."""
    return alerts.say(notice, settings)
