"""The mailbox."""

import httpx

from mock_sender.destinations.view.mail import SHOWN, lines, mailboxes


def put(played, **changes):
    email = {
        "from": "Acme <calls@acme.example>",
        "to": ["front@acme.example"],
        "subject": "A call",
        "text": "Ada\n\nasked",
    }
    played.resend.emails.append(email | changes)


def test_a_message_is_shown_with_its_subject_and_text_and_the_newest_first(played):
    put(played)
    put(played, subject="<b>Urgent</b>", to="one@acme.example", text="x\x1b[2J\n" * 20)

    [mailbox] = mailboxes(played)
    page = httpx.get(played.url).text

    assert [mail.subject for mail in mailbox.mails] == ["<b>Urgent</b>", "A call"]
    assert "&lt;b&gt;Urgent&lt;/b&gt;" in page
    drawn = lines([mailbox], "en", 80)
    assert drawn[:4] == ["│ <b>Urgent</b>", "│ Acme <calls@acme.example> → one@acme.example", "│", "│ x[2J"]
    assert drawn[-2:] == ["│ …", "│ A call"]


def test_of_many_the_newest_are_shown_and_the_others_counted(played):
    for number in range(SHOWN + 2):
        put(played, subject=str(number))

    [mailbox] = mailboxes(played)

    assert (len(mailbox.mails), mailbox.mails[0].subject, mailbox.earlier) == (SHOWN, str(SHOWN + 1), 2)
