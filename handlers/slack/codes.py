"""Slack's codes that mean the same from its Web API and from an incoming webhook, which needs no client of Slack's."""

from __future__ import annotations

# So long nothing is sent to Slack, in seconds.
BUSY = {"ratelimited": 30, "rate_limited": 30, "message_limit_exceeded": 3600}
HOUR = {
    "team_added_to_org": 3600,
    "org_login_required": 3600,
    "ekm_access_denied": 3600,
    "external_channel_migrating": 3600,
}
WAIT = BUSY | HOUR
# It may take the same as plain text.
TOO_MUCH = {
    "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments",
    "too_many_attachments", "metadata_too_large", "block_mismatch",
}  # fmt: skip
