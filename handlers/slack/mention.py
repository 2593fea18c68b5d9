"""Whom an urgent call mentions: users and groups of users."""

from __future__ import annotations

import re
from collections.abc import Mapping

from receiver import ConfigurationError

NAME = "SLACK_URGENT_MENTION"
MOST = 8  # of which there is room before a message's text
USER, GROUP = re.compile(r"(?:<@)?([UW][A-Z0-9]{1,20})>?"), re.compile(r"(?:<!subteam\^)?(S[A-Z0-9]{1,20})>?")


def mentions(settings: Mapping[str, str]) -> str:
    """As Slack reads them; "" where nobody is named. Raises ConfigurationError for what is no id."""
    names = settings[NAME].replace(",", " ").split()
    if len(names) > MOST:
        raise ConfigurationError(f"{NAME} names more than {MOST}: make a user group of them")
    return " ".join(map(mention, names))


def mention(name: str) -> str:
    if user := USER.fullmatch(name):
        return f"<@{user[1]}>"
    if group := GROUP.fullmatch(name):
        return f"<!subteam^{group[1]}>"
    raise ConfigurationError(
        f"{NAME} should hold ids: a user's, U…, from the profile's menu, or a user group's, S…, from the group's menu"
    )
