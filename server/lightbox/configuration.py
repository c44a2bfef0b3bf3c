"""Where configuration is: the files of `config/`, in a checkout and in an installed wheel alike, and the user's own."""

from __future__ import annotations

from pathlib import Path

import platformdirs

APPLICATION = "lightbox"
"""What the folders of the user are called that belong to Lightbox."""


def configuration_path(*parts: str) -> Path:
    """Give the path of a file or folder below `config/`, e.g. `configuration_path("models")`.

    The wheel carries `config/` inside the package; in a checkout it stands beside `server/`.
    """
    package = Path(__file__).parent
    installed = package / "_config"
    root = installed if installed.is_dir() else package.parent.parent / "config"
    return root.joinpath(*parts)


def default_file() -> Path:
    """Give the path of the TOML file that is read when none is named: in the user's configuration folder."""
    return Path(platformdirs.user_config_dir(APPLICATION, appauthor=False)) / "lightbox.toml"
