"""How long the texts of the tools and of usual answers are, which a model pays for: the same on every machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.programs import compact, program

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings

    from .conftest import Measure

TOKENIZER = "gpt-tokenizer@4.0.0"
COUNT = """
const { countTokens } = require("gpt-tokenizer/encoding/o200k_base");
process.stdout.write(String(countTokens(require("node:fs").readFileSync(0, "utf8"))));
"""
INSTALL_SECONDS = 300
PICTURE = {"prompt": "a fox", "model": "gpt-image-2", "size": "1024x1024", "quality": "low"}

pytestmark = pytest.mark.slow


def tokens(text: str, folder: Path) -> tuple[int | None, str]:
    """Count the tokens of a text as newer models of OpenAI do; where that can't be, say why."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None, "npm is not installed"
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), TOKENIZER]
    done = subprocess.run(install, check=False, capture_output=True, timeout=INSTALL_SECONDS)
    if done.returncode:
        return None, f"{TOKENIZER} can't be installed"
    counted = subprocess.run(
        [node, "-e", COUNT], check=True, capture_output=True, input=text.encode(), cwd=folder, timeout=INSTALL_SECONDS
    )
    return int(counted.stdout), ""


async def test_what_a_model_reads_of_the_tools_is_short(
    settings: MakeSettings, connect: Connect, tmp_path: Path, measure: Measure
) -> None:
    async with connect(settings()) as client:
        tools = (await client.list_tools()).tools
    read = [{"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema} for tool in tools]
    counted, why = tokens(compact(read), tmp_path)
    measure("names, descriptions and inputs of all tools (o200k)", counted, "tokens", aim=2_400, why=why)


async def test_answers_are_short(settings: MakeSettings, connect: Connect, ask: Ask, measure: Measure) -> None:
    with program("prepared_service.py") as service:
        made = settings(
            dashscope_base_url=f"{service}/compatible-mode/v1",
            search_provider="dashscope",
            fetch_allow=(service.removeprefix("http://"),),
        )
        async with connect(made) as client:
            found = await ask(client, "search_images", query="a fox in snow")
            estimate = await ask(client, "estimate_cost", tool="generate_image", arguments=PICTURE)

    assert [hit["state"] for hit in found.listed["hits"]] == ["ok"] * 10
    rows = [
        measure("search_images, 10 hits: text", len(found.text.encode()), "bytes", aim=2_500),
        measure("search_images, 10 hits: structured", len(compact(found.listed).encode()), "bytes", aim=4_500),
        measure("estimate_cost, one call: text", len(estimate.text.encode()), "bytes", aim=500),
    ]
    assert [row.what for row in rows if not row.reached] == []
