"""Slack's mrkdwn, as far as messages here use it: links, mentions and bold.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Whatever else stands between < and > is no link that Slack would open.
OPENED = ("https://", "http://", "tel:", "mailto:")
TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>|(?<!\w)\*([^*\n]+)\*(?!\w)")


@dataclass(frozen=True, kw_only=True)
class Span:
    text: str
    link: str = ""
    bold: bool = False


def spans(text: str) -> tuple[Span, ...]:
    found, end = [], 0
    for match in TOKEN.finditer(text):
        found += [Span(text=unescaped(text[end : match.start()])), span(match)]
        end = match.end()
    found.append(Span(text=unescaped(text[end:])))
    return tuple(span for span in found if span.text)


def span(match: re.Match[str]) -> Span:
    address, label, bold = match.groups()
    if bold is not None:
        return Span(text=unescaped(bold), bold=True)
    if address[:1] in ("@", "!", "#"):
        name = address[1:].rpartition("^")[2]
        return Span(text=unescaped(f"{'#' if address[0] == '#' else '@'}{label or name}"), bold=True)
    link = unescaped(address)
    return Span(text=unescaped(label or address), link=link if link.startswith(OPENED) else "")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
