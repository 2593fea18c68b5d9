import pytest

from tests.support.cli import receiver


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["up"],
        ["web"],
        ["worker"],
        ["migrate"],
        ["deliveries"],
        ["show"],
        ["replay"],
        ["jobs"],
        ["jobs", "stop"],
        ["pause"],
        ["resume"],
        ["recheck"],
        ["doctor"],
    ],
)
def test_every_command_has_help(command):
    ran = receiver(*command, "--help")

    assert ran.returncode == 0
    assert "Usage:" in ran.stdout
