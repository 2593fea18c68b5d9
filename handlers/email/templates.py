"""Plain text, and HTML that mail programs show alike: tables, styles on each element, no images, nothing fetched.

What callers say is escaped, and made so that no program turns an address they spelled into a link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from receiver.toolkit import say

from .parts import Details, Field

# A dot, colon or at-sign inside a word: with an invisible sign after it, no mail program takes it for an address.
LINKING = re.compile(r"(?<=\w)([.@])(?=\w)|(?<=\w)(:)(?=//)")
APART = "\\1\\2\N{ZERO WIDTH NON-JOINER}"
FONT = "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif"

PAGE = Markup("""\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>{title}</title>
</head>
<body style="margin:0;padding:0">
<div style="display:none;font-size:1px;line-height:1px;max-height:0;overflow:hidden">{preview}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="padding:16px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px">
<tr><td style="{font};font-size:20px;line-height:28px;font-weight:bold;padding:0 0 12px 0">{mark}{title}</td></tr>
{calls}
<tr><td style="{font};font-size:12px;line-height:18px;color:#767676;padding:16px 0 0 0">{footer}</td></tr>
</table>
</td></tr></table>
</body>
</html>
""")
CALL = Markup("""\
<tr><td style="padding:0 0 12px 0;border-top:1px solid #c8c8c8">{heading}
<table role="presentation" cellpadding="0" cellspacing="0" border="0">
{fields}
</table>
{summary}{links}</td></tr>
""")
HEADING = Markup('<div style="{font};font-size:16px;line-height:24px;font-weight:bold;padding:8px 0 0 0">{text}</div>')
FIELD = Markup("""\
<tr><td valign="top" style="{font};font-size:14px;line-height:20px;color:#767676;padding:4px 16px 0 0">{label}</td>
<td valign="top" style="{font};font-size:14px;line-height:20px;padding:4px 0 0 0">{value}</td></tr>
""")
BELOW = Markup('<div style="{font};font-size:14px;line-height:20px;padding:12px 0 0 0">{text}</div>\n')
ANCHOR = Markup('<a href="{url}">{text}</a>')
# A mail program shows how a message begins beside its subject, on locked screens too: it begins with this, unseen.
PREVIEW = "Open the message to read it."
BLANK = Markup("&#847;&zwnj;&nbsp;") * 120  # signs without a width, which push the rest out of the preview
NOTE = "Sent by your InboundFlow receiver."


def html_of(title: str, calls: Sequence[Details], settings: Mapping[str, str], *, urgent: bool = False) -> str:
    language = settings["BUSINESS_LANGUAGE"]
    mark = Markup('<span style="color:#b00020">{}: </span>').format(say("Urgent", language)) if urgent else ""
    shown = Markup("").join(call_html(call, heading=len(calls) > 1) for call in calls)
    own = {"language": language, "font": FONT, "footer": say(NOTE, language), "preview": say(PREVIEW, language) + BLANK}
    return str(PAGE.format(title=unlinked(title), mark=mark, calls=shown, **own))


def call_html(call: Details, *, heading: bool) -> Markup:
    links = [ANCHOR.format(url=url, text=label) for label, url in call.links]
    return CALL.format(
        heading=HEADING.format(text=unlinked(call.who), font=FONT) if heading else "",
        fields=Markup("").join(FIELD.format(label=f.label, value=value_html(f), font=FONT) for f in call.fields),
        summary=BELOW.format(text=lines_html(call.summary), font=FONT) if call.summary else "",
        links=Markup("").join(BELOW.format(text=link, font=FONT) for link in links),
    )


def value_html(field: Field) -> Markup:
    return ANCHOR.format(url=field.url, text=field.text) if field.url else escape(unlinked(field.text))


def lines_html(text: str) -> Markup:
    return Markup("<br>").join(unlinked(text).split("\n"))


def text_of(title: str, calls: Sequence[Details], settings: Mapping[str, str]) -> str:
    shown = [call_text(call, heading=len(calls) > 1) for call in calls]
    footer = f"-- \n{say(NOTE, settings['BUSINESS_LANGUAGE'])}"
    return "\n\n".join([unlinked(title), *shown, footer]) + "\n"


def call_text(call: Details, *, heading: bool) -> str:
    who = [f"* {unlinked(call.who)}"] if heading else []
    fields = [f"{field.label}: {field.text if field.url else unlinked(field.text)}" for field in call.fields]
    links = [f"{label}: {url}" for label, url in call.links]
    return "\n\n".join(filter(None, ["\n".join(who + fields), unlinked(call.summary), "\n".join(links)]))


def unlinked(text: str) -> str:
    return LINKING.sub(APART, text)
