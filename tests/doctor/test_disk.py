import os
import shutil
from pathlib import Path

import pytest

from receiver import settings
from receiver.doctor.disk import TEXTS, check_disk
from tests.support.findings import told

MEMORY = Path("/dev/shm")


@pytest.mark.parametrize(
    ("mark", "platform"), [("RENDER", "Render"), ("FLY_APP_NAME", "Fly.io"), ("RAILWAY_ENVIRONMENT", "Railway")]
)
def test_an_inbox_on_a_platforms_own_disk_is_a_problem(mark, platform):
    env = {mark: "1", "DATA_DIR": "/usr/lib/inboundflow"}

    [found] = [one for one in check_disk(settings.read(env), env) if "own" in one.message]

    assert (found.severity, found.message) == (
        "problem",
        f"it is on no disk of its own, and {platform} empties that at each deploy",
    )
    assert TEXTS(platform) in found.do


def test_where_a_railway_volume_is_mounted_elsewhere_its_place_is_told():
    env = {"RAILWAY_ENVIRONMENT": "production", "RAILWAY_VOLUME_MOUNT_PATH": "/data", "DATA_DIR": "/usr/lib"}

    [found] = [one for one in check_disk(settings.read(env), env) if "own" in one.message]

    assert found.do == "a volume is mounted at /data: set DATA_DIR=/data"


@pytest.mark.skipif(not MEMORY.exists(), reason="only Linux has a disk in memory there")
def test_a_disk_in_memory_is_no_volume():
    env = {"FLY_APP_NAME": "receiver", "DATA_DIR": str(MEMORY)}

    found = told(check_disk(settings.read(env), env))

    assert ("problem", "it lies in memory, and Fly.io empties that at each deploy") in found


def test_a_disk_that_is_nearly_full_is_a_problem(tmp_path):
    env = {"DATA_DIR": str(tmp_path / "var")}
    free = shutil.disk_usage(tmp_path).free

    found = list(check_disk(settings.read(env), env, least_free=2 * free))

    assert [one.severity for one in found] == ["problem"]
    assert found[0].message.startswith("only ")
    assert not list(check_disk(settings.read(env), env, least_free=free // 2))


@pytest.mark.parametrize(
    ("folder", "file", "told_so"), [(0o755, 0o644, True), (0o700, 0o644, False), (0o755, 0o640, False)]
)
def test_an_inbox_that_everybody_may_read_is_told(tmp_path, folder, file, told_so):
    env = {"DATA_DIR": str(tmp_path)}
    (tmp_path / "inbox.db").touch()
    os.chmod(tmp_path / "inbox.db", file)
    os.chmod(tmp_path, folder)

    found = told(check_disk(settings.read(env), env))

    assert (("advice", "every user of this machine may read the inbox") in found) == told_so
