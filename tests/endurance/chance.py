"""Where chance begins: told with the figures, and taken from the environment by whoever wants the same again."""

from __future__ import annotations

import os
from random import SystemRandom

SEED = int(os.environ.get("SEED", "0")) or SystemRandom().randrange(1, 1_000_000)
