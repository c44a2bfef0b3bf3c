"""What this machine gives to Lightbox: versions, folders and the room in them, fonts."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import tempfile
from importlib import metadata
from pathlib import Path

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from lightbox import __version__
from lightbox.commands.finding import Finding
from lightbox.configuration import default_file
from lightbox.images.fonts import missing_scripts
from lightbox.settings import Settings, exposed_file, read_dirs
from lightbox.state.sqlite import FILE

GIGABYTE = 1_000_000_000
LEAST_FREE_BYTES = 200_000_000
"""Below this a folder is as good as full: a made picture may have 10 MB, and SQLite wants room to work."""

_PACKAGES = {"mcp": "mcp", "Pillow": "pillow", "httpx2": "httpx2", "pydantic": "pydantic", "SQLAlchemy": "sqlalchemy"}
_EXTRAS = {"postgres": "psycopg", "s3": "obstore", "otel": "opentelemetry-sdk"}


def check_versions() -> list[Finding]:
    """Say what runs, and which versions of the protocol it speaks."""
    packages = [f"{title} {metadata.version(name)}" for title, name in _PACKAGES.items()]
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    extras = [f"[{extra}]" for extra, name in _EXTRAS.items() if _is_there(name)]
    told = ", ".join([f"Lightbox {__version__}", python, *packages, f"extras: {' '.join(extras) or 'none'}"])
    first, last = HANDSHAKE_PROTOCOL_VERSIONS[0], HANDSHAKE_PROTOCOL_VERSIONS[-1]
    eras = f"MCP {first} to {last} (with a handshake), and {', '.join(MODERN_PROTOCOL_VERSIONS)} (without)"
    return [Finding("versions", good=True, text=told), Finding("protocol", good=True, text=eras)]


def _is_there(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def check_settings_file() -> Finding:
    """Look who can read the settings file, where it holds a key."""
    path = default_file()
    if exposed_file(path):
        fix = f"others on this machine can read it, and it holds a key: chmod 600 {path}"
        return Finding("settings file", good=False, text=fix)
    return Finding("settings file", good=True, text=f"{path}{'' if path.is_file() else ' (not there; it is optional)'}")


def check_folders(settings: Settings) -> list[Finding]:
    """Try to write into our folders, and look at the room in them and at who can read them."""
    findings = [
        _writable("image folder", settings.image_dir, "LIGHTBOX_IMAGE_DIR"),
        _writable("state folder", settings.state_dir, "LIGHTBOX_STATE_DIR", 0o700),
    ]
    folders = ", ".join(map(str, read_dirs(settings, over_http=False))) or "none"
    findings += _private(settings)
    return [*findings, Finding("folders that may be read", good=True, text=folders)]


def check_fonts() -> list[Finding]:
    """Say of which scripts no font is here: their titles can't be drawn on contact sheets. Blocks while it looks."""
    missing = missing_scripts()
    if not missing:
        return [Finding("fonts", good=True, text="contact sheets can show titles of every usual script")]
    named = ", ".join(script.name for script in missing)
    remedies = " ".join(dict.fromkeys(f"{script.remedy[0].upper()}{script.remedy[1:]}." for script in missing))
    text = f"no font here has {named}: contact sheets leave such titles out. {remedies}"
    return [Finding("fonts", good=None, text=text)]


def room(free: int, folder: Path, setting: str) -> tuple[bool, str]:
    """Judge how much is free where a folder is, in bytes."""
    told = f"{free / GIGABYTE:.1f} GB free" if free >= GIGABYTE else f"{free / 1e6:.0f} MB free"
    if free < LEAST_FREE_BYTES:
        return False, f"{folder}: only {told}. Make room, or set {setting} to a folder on another disk."
    return True, f"{folder}, {told}"


def _writable(what: str, folder: Path, setting: str, mode: int = 0o777) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)  # a full disk still lets an empty file be made
        good, text = room(shutil.disk_usage(folder).free, folder, setting)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return Finding(what, good=False, text=f"{folder} can't be written ({reason}): set {setting} to another folder.")
    return Finding(what, good=good, text=text)


def _private(settings: Settings) -> list[Finding]:
    """Look at who can read the state folder: what people asked for, and what they gave, is theirs."""
    folder = settings.state_dir
    if os.name != "posix" or not folder.is_dir():
        return []
    known = [folder, *(folder / name for name in (FILE, "pictures", "partials", "sandbox"))]
    wide = [path for path in known if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    # What lies in a folder that nobody else may enter is out of reach, whatever its own rights are.
    if folder not in wide:
        return []
    named = ", ".join(path.name for path in wide[1:]) or "nothing yet"
    fix = f"others on this machine can look into {folder} ({named}): chmod -R go-rwx {folder}"
    return [Finding("state folder's rights", good=False, text=fix)]
