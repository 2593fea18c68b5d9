from tests.support.processes import until


def test_an_attempt_past_its_limit_ends_its_process_and_is_made_again(bench):
    hang = bench.wish("toys.moody", "hang")
    bench.work()

    bench.keep("a")
    until(lambda: "ending its process" in bench.log(), what="the hard limit")
    hang.unlink()

    bench.until_states("toys.moody", ["succeeded"])
    assert bench.notes("toys.moody") == ["a 2 1 "]
