from mock_sender import conformance
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


def test_effects_are_counted_by_a_command(tmp_path):
    with right(SECRET) as receiver:
        script = tmp_path / "count"
        script.write_text(f'#!/bin/sh\ncurl -s {receiver.effects_url} | grep -c "$1"\n')
        script.chmod(0o755)
        report = conformance.run(receiver.url, SECRET, only=[55], effects=str(script))

    assert report.passed
    assert report.results[0].outcome == "passed"
