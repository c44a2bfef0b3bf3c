"""The adapter against a whole service: the embedded sandbox, in both dialects."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import (
    DescribeCall,
    EditCall,
    GenerateCall,
    OutputOptions,
    SearchCall,
    SentPicture,
    SimilarCall,
)
from lightbox.providers.sandbox import DIALECT, sandbox_endpoint
from lightbox.providers.updates import Accepted, Finished, Found, Made
from lightbox_sandbox.server import running_sandbox

if TYPE_CHECKING:
    from conftest import Bench

MODEL = "gpt-6.1-sol"
PAINTER = "gpt-image-2"
PNG = b"\x89PNG\r\n\x1a\n"
SMALL = OutputOptions(size="1024x1024", quality="low", partial_images=1)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncGenerator[Adapter]:
    async with running_sandbox(state_dir=tmp_path) as running:
        adapter = Adapter(sandbox_endpoint(running.base_url), DIALECT, store=True)
        yield adapter
        await adapter.aclose()


async def test_pictures_are_found_by_words_and_by_likeness(bench: Bench, sandbox: Adapter) -> None:
    found = await bench.collect(sandbox.stream(SearchCall(model="qwen3.7-plus", query="a red fox", count=4)))
    assert found.error is None
    assert found.names[-2:] == ["SearchesDone", "Finished"]
    [hits] = [update.hits for update in found.updates if isinstance(update, Found)]
    assert 1 <= len(hits) <= 4
    alike = await bench.collect(
        sandbox.stream(SimilarCall(model="qwen3.7-plus", picture=SentPicture(url=hits[0].url), count=3))
    )
    assert alike.error is None
    assert any(isinstance(update, Found) and update.hits for update in alike.updates)


async def test_a_picture_is_made_taken_up_edited_and_described(bench: Bench, sandbox: Adapter) -> None:
    made = await bench.collect(
        sandbox.stream(GenerateCall(model=MODEL, image_model=PAINTER, prompt="a red fox", output=SMALL))
    )
    assert made.error is None
    accepted = made.updates[0]
    [picture] = [update for update in made.updates if isinstance(update, Made)]
    assert isinstance(accepted, Accepted)
    assert accepted.resumable
    assert picture.data.startswith(PNG)
    assert "Partial" in made.names
    assert isinstance(made.updates[-1], Finished)
    assert made.updates[-1].usage is not None

    again = await bench.collect(sandbox.take_up(accepted.response_id, "generate"))
    assert [update for update in again.updates if isinstance(update, Made)] == [picture]

    edit = EditCall(
        model=MODEL, image_model=PAINTER, prompt="in blue", continue_from=accepted.response_id, output=SMALL
    )
    edited = await bench.collect(sandbox.stream(edit))
    assert edited.error is None
    assert [update.data != picture.data for update in edited.updates if isinstance(update, Made)] == [True]

    described = await bench.collect(
        sandbox.stream(DescribeCall(model=MODEL, pictures=(SentPicture(url=_data_uri(picture.data)),), question="?"))
    )
    assert described.error is None
    assert isinstance(described.updates[-1], Finished)
    assert described.updates[-1].text


async def test_its_models_can_be_listed(sandbox: Adapter) -> None:
    assert await sandbox.models()


def _data_uri(data: bytes) -> str:
    return f"data:image/png;base64,{b64encode(data).decode()}"
