"""What an editor waits for before `tools/list` stays light."""

from __future__ import annotations

import subprocess
import sys

LIGHT = ["picture", "reference", "rendering", "sniff"]


def test_nothing_heavy_is_imported_before_the_first_call() -> None:
    imports = "; ".join(f"import lightbox.images.{name}" for name in LIGHT)
    program = f"{imports}; import sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "anyio" in answer.stdout.split()
    assert not {"PIL", "sqlalchemy", "httpx2", "httpcore2", "numpy"} & set(answer.stdout.split())
