"""Replace a file by a new text in one step, and keep it as it was beside it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile


def replace(path: Path, text: str) -> Path | None:
    """Put `text` in place of the file; give where the file as it was is kept, if there was one.

    Whoever reads meanwhile sees the old file or the new one, never a part. Rights stay as they were; a new file is
    its owner's alone, for keys may come to stand in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    backup = None
    if path.exists():
        backup = path.with_name(f"{path.name}.{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.bak")
        shutil.copy2(path, backup)
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as new:
        new.write(text)
    if backup is not None:
        shutil.copymode(backup, new.name)
    Path(new.name).replace(path)
    return backup
