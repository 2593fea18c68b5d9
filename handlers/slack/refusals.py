"""What Slack's refusals mean. Some of them come with status 200.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from slack_sdk.errors import SlackApiError

from receiver import GiveUp, Pause, RetryLater
from receiver.toolkit import Refusal, retry_after_s

from .codes import WAIT

MAY_HAVE_WORKED = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
# Somebody deleted it, or nobody may reply there (any more): the call goes on in a message of its own.
GONE = {
    "message_not_found", "thread_not_found", "cannot_reply_to_message", "thread_locked",
    "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
}  # fmt: skip
FIXED = {"cant_update_message", "edit_window_closed"}  # the workspace lets nobody edit: the thread goes on all the same
# Of a message that is to be deleted: people have to, there.
# https://docs.slack.dev/reference/methods/chat.delete#errors
NOT_OURS = "cant_delete_message"
KEPT = {
    NOT_OURS: "a bot may delete only what it posted itself, and this was posted by a webhook or another app",
    "compliance_exports_prevent_deletion": "the workspace keeps every message, for its compliance exports",
    "channel_not_found": "the channel is gone, or the bot is no member of it any more",
    "not_in_channel": "the bot is no member of the channel any more",
    "is_archived": "the channel is archived",
}
NOT_INSTALLED = "the app may not act in this workspace: install it there again, and copy the new token"
FIXES = {
    "not_in_channel": "invite the bot to the channel ({channel}): /invite @name",
    "channel_not_found": "{channel} should be the channel's id (C…), and the bot a member of it",
    "is_archived": "the channel is archived: choose another in {channel}",
    "restricted_action": "the workspace lets only some people post in the channel: allow the bot, or change {channel}",
    "missing_scope": "the bot lacks a scope: it needs chat:write and channels:history (groups:history if private)",
    "no_permission": "the bot lacks a scope: it needs chat:write and channels:history (groups:history if private)",
    "invalid_auth": "SLACK_BOT_TOKEN is not valid",
    "not_authed": "SLACK_BOT_TOKEN is not valid",
    "token_revoked": "SLACK_BOT_TOKEN was revoked",
    "token_expired": "SLACK_BOT_TOKEN has expired",
    "account_inactive": "the bot's account was switched off",
    "not_allowed_token_type": "SLACK_BOT_TOKEN should be the Bot User OAuth Token, which begins with xoxb-",
    "access_denied": NOT_INSTALLED,
    "accesslimited": NOT_INSTALLED,
    "team_access_not_granted": NOT_INSTALLED,
    "two_factor_setup_required": "the account needs two-factor authentication: set it up, or install the app anew",
    "enterprise_is_restricted": "the organisation does not let the app do this: its administrator has to approve it",
}


def meaning(error: SlackApiError, channel: str) -> Refusal:
    """What to raise for Slack's answer; `channel` is the name of the variable that holds the channel."""
    status, slug = error.response.status_code, code(error)
    headers = lower_case(error.response.headers)
    if status == 429 or slug in WAIT:
        delay_s = retry_after_s(headers) or WAIT.get(slug, 30)
        return RetryLater(f"Slack: {slug or 429}", delay_s=delay_s, cooldown=True)
    if status >= 500 or slug in MAY_HAVE_WORKED or not (slug or 300 <= status < 500):
        failure = f"refused-{status}" if status >= 500 else ""
        return RetryLater(f"Slack answered {status} {slug}".rstrip(), delay_s=retry_after_s(headers), failure=failure)
    fix = FIXES.get("restricted_action" if slug.startswith("restricted_action") else slug)
    if fix:
        return Pause(f"Slack: {slug}: {fix.format(channel=channel)}")
    return GiveUp(f"Slack: {slug or status}")


def lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    """By names in lower case: Slack's client gives them as they came, and proxies spell them in their own ways."""
    return {name.lower(): value for name, value in headers.items()}


def code(error: SlackApiError) -> str:
    """Slack's error code; "" for the text that its client makes of an answer that is not JSON."""
    slug = error.response.get("error")
    return slug if isinstance(slug, str) and re.fullmatch(r"[a-z_]{2,60}", slug) else ""
