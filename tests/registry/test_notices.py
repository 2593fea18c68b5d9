"""Ways to tell somebody: found beside the handlers, each under variables of its own."""

from receiver.registry import Notice, load, notifiers


def test_they_are_found_in_the_handlers_package_and_are_no_handlers():
    names = {way.handler.name for way in notifiers("handlers", {})}

    assert names == {"email.alert", "forward.alert", "slack.alert"}
    assert names & load("handlers").keys() == set()


def test_a_package_has_its_own_alone():
    assert notifiers("tests.toys", {}) == []


def test_a_notice_is_a_title_and_lines_and_stands_for_a_run_where_one_is_needed():
    notice = Notice(key="k", kind="test", title="a", lines=("b", "c"), at_us=5)
    run = notice.as_run("email.alert", {"x": "1"}, "somebody")

    assert notice.text == "a\nb\nc"
    assert (run.delivery.key, run.delivery.body, run.delivery.received_us, run.target) == ("k", b"", 5, "somebody")
