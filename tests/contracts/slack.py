"""Slack's messages, by slack_sdk's own models and the limits that those leave out."""

import json

from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata

FIELD_CHARS, BLOCKS_MOST, URL_CHARS, TEXT_CHARS = 2000, 50, 3000, 40_000
KNOWN = {
    "/api/chat.postMessage": {
        "channel", "text", "blocks", "metadata", "thread_ts", "mrkdwn", "unfurl_links", "unfurl_media",
    },
    "/api/chat.update": {"channel", "ts", "text", "blocks", "metadata"},
    "/services/T0/B0/demo": {"text", "blocks", "mrkdwn", "unfurl_links", "unfurl_media"},
}  # fmt: skip


def check(exchange):
    if exchange.path not in KNOWN:
        return
    sent = json.loads(exchange.body)
    assert set(sent) <= KNOWN[exchange.path], set(sent) - KNOWN[exchange.path]
    assert 0 < len(sent["text"]) <= TEXT_CHARS
    blocks = sent.get("blocks", [])
    assert len(blocks) <= BLOCKS_MOST
    parsed = Block.parse_all(blocks)
    for block, model in zip(blocks, parsed, strict=True):
        model.validate_json()
        assert model.to_dict() == block, "slack_sdk's model says it in another way"
        check_texts(block)
    if metadata := sent.get("metadata"):
        assert Metadata(**metadata).to_dict() == metadata
        assert all(isinstance(value, str | int | bool) for value in metadata["event_payload"].values())


def check_texts(block):
    parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
    for part in filter(None, parts):
        text = part["text"]["text"] if part["type"] == "button" else part["text"]
        assert text, f"an empty text in {block['type']}"
        assert len(text) <= (FIELD_CHARS if part in block.get("fields", []) else 3000)
        assert len(part.get("url", "")) <= URL_CHARS
