import pytest

from receiver.operations import is_link
from receiver.settings import check_password, read
from receiver.up.password import dashboard_lines, dashboard_password, words


def test_a_first_start_on_ones_own_machine_makes_a_password_and_keeps_it(tmp_path):
    first, again = {"DATA_DIR": str(tmp_path)}, {"DATA_DIR": str(tmp_path)}
    dashboard_password(read(first), first)
    dashboard_password(read(again), again)

    assert first == again
    assert len(first["DASHBOARD_PASSWORD"].split("-")) == 5
    check_password(read(first).dashboard_password)
    assert (tmp_path / "dashboard_password").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("more", [{"HOST": "0.0.0.0"}, {"RENDER": "true"}, {"DASHBOARD_PASSWORD": "one of my own"}])
def test_elsewhere_or_where_one_is_set_none_is_made(tmp_path, more):
    env = {"DATA_DIR": str(tmp_path), **more}
    dashboard_password(read(env), env)

    assert env.get("DASHBOARD_PASSWORD") == more.get("DASHBOARD_PASSWORD")
    assert list(tmp_path.iterdir()) == []


def test_the_greeting_has_a_link_that_signs_in():
    local, public = (
        read({"DASHBOARD_PASSWORD": "one of my own"}),
        read({"DASHBOARD_PASSWORD": "x" * 12, "HOST": "0.0.0.0"}),
    )

    line, once = dashboard_lines(local, 8123)
    assert "http://127.0.0.1:8123/sign-in/link?token=" in line
    assert is_link(local.dashboard_password, line.partition("token=")[2])
    assert "(the link signs in once, within 10 minutes; another: receiver dashboard-link --url http" in once
    assert "token" not in dashboard_lines(public, 8123)[0]
    assert dashboard_lines(read({}), 8123) == []


def test_there_are_256_words_to_choose_from():
    assert len({*words()}) == 256
    assert all(word.isascii() and word.islower() for word in words())
