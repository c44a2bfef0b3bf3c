"""`python -m lightbox`: the same as the command `lightbox`."""

from __future__ import annotations

import sys

from lightbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
