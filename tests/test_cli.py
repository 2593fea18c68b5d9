import click
import pytest
from click.shell_completion import ShellComplete

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
        ["today"],
        ["yesterday"],
    ],
)
def test_every_command_has_help(command):
    ran = receiver(*command, "--help")

    assert ran.returncode == 0
    assert "Usage:" in ran.stdout


@pytest.fixture(scope="module")
def commands():
    from receiver.cli import commands

    return commands


def test_each_short_help_is_whole_and_in_one_line_at_80_columns(commands):
    listed = receiver("--help", COLUMNS="80").stdout.partition("Commands:")[2].splitlines()[1:]

    with click.Context(commands) as ctx:
        assert [line.split()[0] for line in listed] == commands.list_commands(ctx)
    assert [line for line in listed if line.endswith("...")] == []


def test_every_command_names_its_exit_codes(commands):
    with click.Context(commands) as ctx:
        pages = {name: commands.get_command(ctx, name).get_help(ctx) for name in commands.list_commands(ctx)}

    assert [name for name, page in pages.items() if "Exit codes: 0 done; 1 " not in page] == []


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("receiver deli", ["deliveries"]),
        ("receiver resume sl", ["slack.post"]),
        ("receiver deliveries --state de", ["dead"]),
        ("receiver deliveries --event ca", ["call.completed", "call.transferred"]),
        ("receiver deliveries --since t", ["today"]),
    ],
)
def test_a_shell_may_complete_what_is_typed(commands, words, completed):
    program, *rest = words.split()
    complete = ShellComplete(commands, {}, program, "_RECEIVER_COMPLETE")

    assert [item.value for item in complete.get_completions(rest[:-1], rest[-1])] == completed
