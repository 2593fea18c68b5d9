import subprocess

from mock_sender import conformance
from tests.receivers.right import right

SECRET = 'whsec_"<&>-of-the-tests'


def test_the_command_of_a_failed_check_repeats_it():
    with right(SECRET, "crashes-on-unknown-events") as receiver:
        shown = conformance.run(receiver.url, SECRET, only=[60]).results[0].evidence[0]
        ran = subprocess.run(["bash", "-c", shown.command], env={"SECRET": SECRET, "PATH": "/usr/bin:/bin"},
                             capture_output=True, text=True)  # fmt: skip

    assert ran.stdout.split()[1] == shown.came_back[:3] == "500"
