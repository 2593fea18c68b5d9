import pytest

from receiver import settings
from receiver.doctor.public import check_url
from receiver.doctor.sleep import awake
from tests.support.public import OURS


def test_a_slow_first_answer_is_told(serve):
    url = serve(401, OURS, wait_s=0.2)

    found = list(check_url(settings.read({}), url, slow_s=0.1))

    assert [one.do for one in found if one.message.startswith("its first answer took")] == [
        awake(url, settings.read({}))
    ]


@pytest.mark.parametrize(
    ("url", "env", "words"),
    [
        ("https://x.onrender.com", {}, "Starter"),
        ("https://x.herokuapp.com", {}, "Eco dynos sleep"),
        ("https://x.fly.dev", {}, "auto_stop_machines"),
        ("https://x.up.railway.app", {}, "Serverless"),
        ("https://calls.example.com", {"RENDER": "1"}, "Starter"),
        ("https://calls.example.com", {}, "a plan that does not sleep"),
    ],
)
def test_what_keeps_it_awake_is_told_in_the_platforms_words(url, env, words):
    assert words in awake(url, settings.read(env))
