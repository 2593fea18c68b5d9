"""What Slack takes: by slack-sdk's own models of blocks, and by the limits that those leave out.

https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/messaging/message-metadata
"""

import json

from slack_sdk.models.blocks import Block, HeaderBlock, SectionBlock
from slack_sdk.models.metadata import Metadata

WRITES = {
    "/api/chat.postMessage": {
        "channel", "text", "blocks", "metadata", "thread_ts", "unfurl_links", "unfurl_media", "mrkdwn",
    },
    "/api/chat.update": {"channel", "ts", "text", "blocks", "metadata"},
    "/services/": {"text", "blocks", "unfurl_links", "unfurl_media"},
}  # fmt: skip
TEXT, FIELD, CONTEXT_ELEMENTS, BLOCKS, PAYLOAD_BYTES = 4000, 2000, 10, 50, 4000


def check(exchange):
    """Raise AssertionError where Slack would refuse a message."""
    known = next((names for path, names in WRITES.items() if exchange.path.startswith(path)), None)
    if known is None:
        return
    body = json.loads(exchange.body)
    assert body.keys() <= known, f"not an argument of {exchange.path}: {body.keys() - known}"
    assert 0 < units(body["text"]) <= TEXT
    check_blocks(body.get("blocks", []))
    check_sane(body)
    if exchange.path.startswith("/api/"):
        check_metadata(body["metadata"])


def check_blocks(blocks):
    assert len(blocks) <= BLOCKS
    for given, block in zip(blocks, Block.parse_all(blocks), strict=True):
        assert type(block) is not Block, given
        assert block.to_dict() == given  # to_dict() validates, and a field that Slack does not know would be lost
        block.validate_json()
        if isinstance(block, SectionBlock):
            assert all(0 < units(field["text"]) <= FIELD for field in given.get("fields", []))
            assert "text" not in given or 0 < units(given["text"]["text"]) <= 3000
        if isinstance(block, HeaderBlock):
            assert given["text"]["type"] == "plain_text"
            assert 0 < units(given["text"]["text"]) <= 150
        assert len(given.get("elements", [])) <= CONTEXT_ELEMENTS
        assert all(0 < units(element["text"]) <= FIELD for element in given.get("elements", []))


def check_metadata(metadata):
    assert Metadata(**metadata).to_dict() == metadata
    assert metadata["event_type"].replace("_", "").isalnum()
    assert all(isinstance(value, str) for value in metadata["event_payload"].values())
    assert len(json.dumps(metadata)) <= PAYLOAD_BYTES


def check_sane(body):
    """Nothing in it that no JSON reader, or no eye, could bear."""
    text = json.dumps(body, ensure_ascii=False)
    text.encode()  # a lone surrogate cannot be
    assert not any(char in text for char in "\0\u202e\u202d\u2066\u2067\u2068")


def units(text):
    """Characters as JavaScript counts them."""
    return len(text.encode("utf-16-le")) // 2
