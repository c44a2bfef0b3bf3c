"""Formats that are made and paid for, but of which no preview can be painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Connect, MakeSettings


async def test_a_drawing_that_has_no_preview_is_answered_with_its_handle_and_path(
    settings: MakeSettings, connect: Connect
) -> None:
    made = settings(provider="sandbox")
    async with connect(made) as client:
        result = await client.call_tool("generate_image", {"prompt": "a red fox", "format": "svg", "size": "512x512"})
        text = str(result.content[0].model_dump()["text"])
        assert not result.is_error, text
        assert len(result.content) == 1
        assert "preview: left out" in text
        [path] = [line.removeprefix("path: ") for line in text.splitlines() if line.startswith("path: ")]
        assert path.endswith(".svg")
        assert (made.image_dir / path).read_bytes().lstrip().startswith(b"<svg")
