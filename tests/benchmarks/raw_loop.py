"""The least that can answer over stdio: reads lines of JSON, and answers each request from constants.

Run as a program it takes a JSON file with the result of each method.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

results = json.loads(Path(sys.argv[1]).read_text("utf-8"))
for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        answer = {"jsonrpc": "2.0", "id": asked["id"], "result": results[asked["method"]]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
