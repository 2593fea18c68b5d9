"""compose.yaml, and the workflow that the mock sender's page gives to GitHub, by the schemas of those who read them."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.processes import CHECKOUT

CHECK = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema"]


def test_compose_yaml_keeps_to_the_compose_specification():
    ran = subprocess.run([*CHECK, "vendor.compose-spec", CHECKOUT / "compose.yaml"], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout


def test_the_workflow_keeps_to_githubs_schema(tmp_path):
    [text] = re.findall(r"```yaml\n(.*?)```", (CHECKOUT / "mock_sender" / "README.md").read_text(), re.DOTALL)
    (tmp_path / "workflow.yaml").write_text(text)

    ran = subprocess.run(
        [*CHECK, "vendor.github-workflows", tmp_path / "workflow.yaml"], capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stdout
