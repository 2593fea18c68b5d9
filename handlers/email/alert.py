"""Alerts by e-mail, through the server or the service that sends the calls."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from receiver import Notice

from .message import Message
from .sending import sender

BODY = Markup('<!DOCTYPE html><html lang="{language}"><body style="{font}">{paragraphs}</body></html>')
FONT = "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:14px;line-height:20px"


def mail(notice: Notice, settings: Mapping[str, str]) -> str:
    paragraphs = Markup("").join(Markup("<p>{}</p>").format(line) for line in [notice.title, *notice.lines])
    html = BODY.format(language=escape(notice.language), font=FONT, paragraphs=paragraphs)
    message = Message(subject=notice.title, text="\n\n".join([notice.title, *notice.lines]) + "\n", html=str(html))
    return sender(settings).send(message, notice.as_run("email.alert", settings, settings["recipient"]))
