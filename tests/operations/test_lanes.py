import pytest

from receiver.operations.lanes import label, options
from receiver.registry import Lane

LANES = [
    # lane                               as people read it             as options of a command
    (Lane("", "slack.post", ""),         "slack.post",                 "--handler slack.post"),
    (Lane("", "fw.forward", "e032"),     "fw.forward e032",            "--handler fw.forward --target e032"),
    (Lane("bakery", "slack.post", ""),   "slack.post [bakery]",        "--handler slack.post --source bakery"),
    (Lane("bakery", "fw.forward", "e0"), "fw.forward e0 [bakery]",     "--handler fw.forward --target e0 --source bakery"),
]  # fmt: skip


@pytest.mark.parametrize(("lane", "name", "arguments"), LANES)
def test_a_lane_is_named_for_people_and_for_the_command_line(lane, name, arguments):
    assert (label(lane), options(lane)) == (name, arguments)
