"""A Debian machine for recipes: this one's files under a layer that is thrown away, with processes, a network and a
systemd of its own. Commands are run on it word for word, as root."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import CHECKOUT

INIT = Path(__file__).with_name("init.py")
PYTHON = os.path.realpath(sys.executable)
PACKAGES = sysconfig.get_path("purelib")
BOOT = """set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/changes" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" "$1/root"
for folder in "$PYTHON" "$PACKAGES" "$CHECKOUT"; do
  while [ "$folder" != / ]; do
    [ -e "$1/root$folder" ] && chmod o+rx "$1/root$folder"
    folder=$(dirname "$folder")
  done
done
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount -t tmpfs tmpfs "$1/root/run"
ip link set lo up
echo 0 > "$1/root/proc/sys/net/ipv4/ip_unprivileged_port_start"  # in place of AmbientCapabilities of Caddy's unit
exec chroot "$1/root" "$PYTHON" "$INIT"
"""
# sudo: we are root. apt-get: what it would install is there. uv: the locked packages are those that run the tests.
STAND_INS = {
    "sudo": '#!/bin/sh\nexec "$@"\n',
    "apt-get": "#!/bin/sh\n",
    "python3": f'#!/bin/sh\nexec {PYTHON} "$@"\n',
    "uv": f"""#!/bin/sh
set -e
linked=$(echo "$UV_PROJECT_ENVIRONMENT"/lib/python3.*/site-packages)/linked.pth
printf '%s\\n%s\\n' {PACKAGES} "$PWD" > "$linked"
for program in receiver mock-sender; do
  room=$(echo $program | tr - _)
  printf '#!%s/bin/python\\nfrom %s.cli import main\\nmain()\\n' "$UV_PROJECT_ENVIRONMENT" $room \\
    > "$UV_PROJECT_ENVIRONMENT/bin/$program"
  chmod 755 "$UV_PROJECT_ENVIRONMENT/bin/$program"
done
""",
}


def is_possible() -> bool:
    """Whether we may mount and make namespaces: no package brings that, so CI too may have to do without."""
    trial = """set -e
place=$(mktemp -d)
mount -t tmpfs tmpfs "$place"
mkdir "$place/changes" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/changes,workdir=$place/work" "$place/root"
mount -t proc proc "$place/root/proc"
ip link set lo up
chroot "$place/root" true
"""
    command = ["unshare", "--mount", "--pid", "--net", "--fork", "sh", "-c", trial]
    return subprocess.run(command, capture_output=True).returncode == 0


class Machine:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, script: str, *, within_s: float = 120) -> tuple[int, str, str]:
        """The exit code, and what it said on stdout and stderr."""
        self.process.stdin.write(json.dumps({"script": script, "within_s": within_s}) + "\n")
        self.process.stdin.flush()
        code, said, complained = json.loads(self.process.stdout.readline())
        return code, said, complained

    def must(self, script: str, **options: float) -> str:
        code, said, complained = self.run(script, **options)
        assert code == 0, f"{script}\n{said}{complained}"
        return said


@contextmanager
def machine(directory: Path):
    """Ends with everything that runs on it."""
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/root",
        "PYTHON": PYTHON, "PACKAGES": PACKAGES, "CHECKOUT": str(CHECKOUT), "INIT": str(INIT),
    }  # fmt: skip
    process = subprocess.Popen(
        ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-c", BOOT, "sh", str(directory)],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "up\n"
        booted = Machine(process)
        for name, text in STAND_INS.items():
            booted.must(f"cat > /usr/local/bin/{name} <<'END'\n{text}END\nchmod 755 /usr/local/bin/{name}")
        yield booted
    finally:
        process.kill()
        process.communicate()
