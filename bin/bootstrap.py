"""Makes .venv in this checkout with the locked packages, for bin/up and bin/test; needs only the standard library.

Older Pythons read this file up to the sentence that sends them away, so annotations that they cannot evaluate
are quoted. Nothing is written outside the checkout: no package cache, and temporary files are in .venv/tmp.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
NEWER = ["python3.{}".format(minor) for minor in (13, 12, 11, 14)]  # noqa: UP032 - best first: 3.13 is Heroku's
INSTALL_TABLES = ("project", "dependency-groups", "build-system")  # of pyproject.toml; the rest installs nothing
# Settings that would send the packages elsewhere. Those for mirrors, proxies and certificates stay.
MISLEADING = frozenset(
    """PYTHONHOME PYTHONPATH VIRTUAL_ENV
    PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_CONSTRAINT PIP_REQUIREMENT PIP_PYTHON PIP_DRY_RUN PIP_CACHE_DIR
    UV_PYTHON UV_FROZEN UV_NO_SYNC UV_NO_DEV UV_NO_EDITABLE UV_NO_CONFIG UV_MANAGED_PYTHON UV_CACHE_DIR""".split()  # noqa: SIM905
)


class CannotInstall(Exception):
    """What happened and what to do, for someone who has never seen the project."""


def run_script(main: "Callable[[Checkout, list[str]], int]") -> "NoReturn":  # noqa: F821 - typing costs 10 ms
    """Call a script's main; what goes wrong is said in a sentence."""
    use_python()
    # So that a subprocess is ended with us, and a handler is not inherited by the program we become.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(Checkout(Path(__file__).resolve().parent.parent), sys.argv[1:]))
    except CannotInstall as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit("Could not use the checkout: {}. Make it yours and writable, and run this again.".format(error))  # noqa: UP032
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The next run puts right whatever this one left half done.\n")
        sys.exit(130)


def use_python() -> None:
    """Go on with a Python that is new enough, under the same process id."""
    if sys.version_info[:2] >= OLDEST:
        return
    for python in filter(None, map(shutil.which, NEWER)):
        # A name on PATH may be a shim that leads nowhere.
        if subprocess.call([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            os.execv(python, [python, *sys.argv])  # noqa: S606
    sys.exit(
        "The receiver needs Python 3.11 or later; {} is Python {}.{}, and no python3.11 to python3.14 is on PATH. "
        "Install one (Debian and Ubuntu: apt-get install python3.11 python3.11-venv) and run this again.".format(
            sys.executable, *sys.version_info[:2]
        )
    )


class Checkout:
    """One working copy of the project and the .venv in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.receiver = self.venv / "bin" / "receiver"
        self.stamp = self.venv / "installed.json"

    def install(self) -> None:
        """Make .venv as the lock says, unless it is so already; of two runs at once the second waits."""
        if self.is_installed():
            return
        with locked(self.root / "bin" / "bootstrap.py") as lock:
            if not self.is_installed():
                self.build(lock)

    def is_installed(self) -> bool:
        """Whether a whole install of this lock, at this path, with a Python that is still there, stands in .venv."""
        try:
            stamp = json.loads(self.stamp.read_text())
            return bool(stamp["key"] == self.key() and set(stamp["files"]) <= set(self.files()))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def key(self) -> "list[str]":
        """What an install depends on. Console scripts hold the path; site-packages belong to one minor Python."""
        return [str(self.root), str(self.python.resolve(strict=True)), self.wanted()]

    def wanted(self) -> str:
        """A hash of the locked packages and of what pyproject.toml says about installing."""
        import tomllib

        tables = tomllib.loads((self.root / "pyproject.toml").read_text())
        told = json.dumps([tables.get(name) for name in INSTALL_TABLES]).encode()
        locks = [(self.root / name).read_bytes() for name in ("uv.lock", "bin/requirements.txt")]
        return hashlib.sha256(b"\0".join([told, *locks])).hexdigest()

    def files(self) -> "list[str]":
        """The commands and packages in .venv, by name; a release's own folder comes and goes with pip upgrades."""
        paths = [*self.venv.glob("bin/*"), *self.venv.glob("lib/python*/site-packages/*")]
        return sorted(path.name for path in paths if path.suffix != ".dist-info" and path.exists())

    def build(self, lock: int) -> None:
        """Start from nothing: what a killed install left is told from a whole one neither by pip nor by us."""
        uv = shutil.which("uv")
        if not uv and not importlib.util.find_spec("ensurepip"):
            raise CannotInstall(no_ensurepip())
        say(
            "Installing the locked packages into {} with {}, once; up to a minute or two.",
            self.venv,
            "uv" if uv else "pip",
        )
        self.clear()
        for command in self.commands(uv):
            call(command, self, lock)
        shutil.rmtree(str(self.tmp), ignore_errors=True)
        self.stamp.write_text(json.dumps({"key": self.key(), "files": self.files()}))

    def clear(self) -> None:
        """An empty .venv, but for the directory itself: it may be a mount."""
        self.venv.mkdir(exist_ok=True)
        for path in self.venv.iterdir():
            shutil.rmtree(str(path)) if path.is_dir() and not path.is_symlink() else path.unlink()
        self.tmp.mkdir()

    @property
    def tmp(self) -> Path:
        return self.venv / "tmp"

    def commands(self, uv: "str | None") -> "list[list[str]]":
        """What installs exactly the locked packages, and then the project itself with a builder from among them."""
        python = str(self.python)
        if uv:
            sync = [uv, "sync", "--locked", "--all-groups", "--quiet", "--python", sys.executable]
            make = [
                uv,
                "venv",
                "--quiet",
                "--allow-existing",
                "--no-project",
                "--python",
                sys.executable,
                str(self.venv),
            ]
            return [make, [*sync, "--no-build-isolation-package", "inboundflow-receiver"]]
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "install"]
        return [
            [sys.executable, "-m", "venv", str(self.venv)],
            [*pip, "--require-hashes", "--only-binary", ":all:", "-r", "bin/requirements.txt"],
            [*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", "."],
        ]


@contextmanager
def locked(path: Path) -> "Iterator[int]":  # noqa: F821
    """Hold a lock on a file of the checkout; whoever comes second waits, and is told why."""
    lock = os.open(str(path), os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another run is installing; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def call(command: "list[str]", checkout: Checkout, lock: int) -> None:
    """Run a step of the install; it holds the lock too, so that no second run starts while it still writes."""
    env = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    env.update(
        TMPDIR=str(checkout.tmp), UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1", UV_NO_CACHE="1", PYTHONNOUSERSITE="1"
    )
    env.update(UV_PROJECT_ENVIRONMENT=str(checkout.venv))
    code = subprocess.call(command, cwd=str(checkout.root), env=env, pass_fds=(lock,))
    if code:
        raise CannotInstall(
            "The install did not finish (`{}` ended with {}; its own words are above). "
            "Check that this machine reaches pypi.org and has room on its disk, and run this again: "
            "it starts from nothing.".format(" ".join(command[:4]), code)
        )


def no_ensurepip() -> str:
    version = "{}.{}".format(*sys.version_info[:2])
    return (
        f"This Python ({sys.executable}) comes without ensurepip, so it can make no virtual environment. "
        f"Install it (Debian and Ubuntu: apt-get install python{version}-venv), or install uv, and run this again."
    )


def say(text: str, *values: object) -> None:
    sys.stderr.write(text.format(*values) + "\n")
    sys.stderr.flush()
