"""Pictures in files of the person's: read from standard input, put where `-o` says, and opened with a viewer."""

from __future__ import annotations

import base64
import os
import sys
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lightbox.commands.wishes import STANDARD
from lightbox.errors import BadInput, LightboxError, StorageFailed
from lightbox.images.inspection import MAX_BYTES
from lightbox.images.reference import data_uri
from lightbox.images.sniff import EXTENSIONS, TYPE_NAMES, sniff

if TYPE_CHECKING:
    from mcp.types import ImageContent

PREVIEW_NAME = "lightbox-preview-{number}.{extension}"
FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".gif": "gif", ".svg": "svg"}
"""The format that is asked for where a file's name ends so."""


def from_standard_input() -> str:
    """Read a picture from standard input, and give it as a data URI.

    Raises:
        BadInput: Nothing came, too much, or no picture; or a person would have to type it.
    """
    if sys.stdin.isatty():
        raise BadInput("- stands for a picture on standard input, which is this terminal: write `… - < fox.png`.")
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if not data:
        raise BadInput("Standard input was empty: - stands for a picture that another program writes.")
    if len(data) > MAX_BYTES:
        raise BadInput(f"The picture on standard input has more than {MAX_BYTES:,} bytes: name a smaller one.")
    told = sniff(data)
    if told is None:
        raise BadInput("What came on standard input is no picture (PNG, JPEG, WebP, GIF, …).")
    return data_uri(data, told.mime_type)


@dataclass(frozen=True, slots=True)
class Target:
    """Where pictures go: a file, a folder, or standard output.

    Attributes:
        output: As typed.
        force: Whether files that are there are replaced.
        count: How many pictures are expected: several get numbers.
    """

    output: str
    force: bool
    count: int

    @property
    def standard(self) -> bool:
        """Whether it is standard output."""
        return self.output == STANDARD

    @property
    def folder(self) -> bool:
        """Whether it is a folder, in which files keep the names that they have."""
        return self.output.endswith(("/", os.sep)) or Path(self.output).is_dir()

    @property
    def format(self) -> str | None:
        """The format that the name stands for; None where it stands for none."""
        return None if self.standard or self.folder else FORMATS.get(Path(self.output).suffix.lower())

    def check(self) -> None:
        """Find out before anything is paid for whether the pictures can be put there.

        Raises:
            BadInput: A file is there already; or standard output is a terminal, or has several to take.
            StorageFailed: The folder is not there, or can't be written.
        """
        if self.standard:
            if sys.stdout.isatty():
                raise BadInput("-o - writes the picture's bytes, and this is a terminal: write `-o - > fox.png`.")
            if self.count > 1:
                raise BadInput("-o - takes one picture: name a file or a folder for several.")
            return
        folder = Path(self.output) if self.folder else Path(self.output).parent
        if not folder.is_dir():
            raise StorageFailed(f"-o {self.output}: there is no folder {folder}. Make it first. Nothing was sent.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StorageFailed(f"-o {self.output}: {folder} can't be written. Name another. Nothing was sent.")
        if self.folder or self.force:
            return
        for number in range(1, self.count + 1):
            path = self._path(number, "")
            if path.is_symlink() or (path.exists() and not _is_device(path)):
                raise BadInput(f"{path} is there already: --force replaces it. Nothing was sent.")

    def put(self, data: bytes, number: int, name: str) -> str:
        """Write a picture, the `number`th of all, and give its path; in a folder, it is called `name`.

        Raises:
            BadInput: A file is there already.
            StorageFailed: It can't be written.
        """
        if self.standard:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return STANDARD
        path = self._path(number, name)
        try:
            _write(path, data, replace=self.force)
        except FileExistsError:
            raise BadInput(f"{path} is there already: --force replaces it.") from None
        except OSError as error:
            raise StorageFailed(f"{path} can't be written ({error.strerror}).") from None
        return str(path)

    def _path(self, number: int, name: str) -> Path:
        path = Path(self.output)
        if self.folder:
            return path / name
        return path.with_stem(f"{path.stem}-{number}") if self.count > 1 else path


def odd_ending(path: str, data: bytes) -> str | None:
    """Say so where a file's name promises another format than it holds."""
    told = sniff(data)
    promised = FORMATS.get(Path(path).suffix.lower())
    if told is None or promised is None or told.mime_type.removeprefix("image/").removesuffix("+xml") == promised:
        return None
    return f"{path} holds a {TYPE_NAMES.get(told.mime_type, told.mime_type)}."


def extension(data: bytes) -> str:
    """Give what a file of these bytes ends in, e.g. `.png`."""
    told = sniff(data)
    return EXTENSIONS.get(told.mime_type, ".bin") if told else ".bin"


def save_preview(folder: Path, block: ImageContent, number: int) -> Path:
    """Save a picture that an answer holds, over that of the answer before.

    Raises:
        StorageFailed: It can't be written.
    """
    path = folder / PREVIEW_NAME.format(number=number, extension=block.mime_type.removeprefix("image/"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(block.data))
    except OSError as error:
        raise StorageFailed(f"{path} can't be written ({error.strerror}).") from None
    return path


def open_with_viewer(address: str) -> None:
    """Open a file or an address with the system's viewer; BROWSER names another.

    Raises:
        LightboxError: The system has none.
    """
    if not webbrowser.open(address):
        raise LightboxError(f"Nothing here can open {address}: set BROWSER to a program that does.")


def _write(path: Path, data: bytes, *, replace: bool) -> None:
    """Write a file whole or not at all; what is no file, such as a pipe, is written to as it is."""
    if _is_device(path):
        path.write_bytes(data)
        return
    path = path.resolve() if replace else path
    fresh = path.with_name(f".{path.name}.part") if replace else path
    with fresh.open("wb" if replace else "xb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise
    if replace:
        fresh.replace(path)


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()
