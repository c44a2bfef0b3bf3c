"""Where the files of `config/` are: in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path


def configuration_path(*parts: str) -> Path:
    """Give the path of a file or folder below `config/`, e.g. `configuration_path("models")`.

    The wheel carries `config/` inside the package; in a checkout it stands beside `server/`.
    """
    package = Path(__file__).parent
    installed = package / "_config"
    root = installed if installed.is_dir() else package.parent.parent / "config"
    return root.joinpath(*parts)
