from mock_sender import trouble
from tests.mock_sender.trouble.plans import a_plan
from tests.support.sender import a_receiver, say


def test_what_was_planned_is_sent():
    with a_receiver(say(200)) as receiver:
        planned = a_plan("emoji", "duplicate-at-once", url=receiver.url)
        answers = trouble.play(planned.rounds)

    assert [[one.status for one in each] for each in answers] == [[200] * 10]
    assert {body for _, body in receiver.seen} == {planned.rounds[0].requests[0].body}
