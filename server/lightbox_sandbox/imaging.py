"""The `image_generation` call: checked, painted, told step by step."""

from __future__ import annotations

from typing import Final

from . import consumption, items
from .dialects import Json, Rejected
from .faults import REFUSAL_MESSAGE, Fault
from .image_options import ImageOptions, read_options
from .items import new_id
from .pictures import GivenPicture, Painting, load_picture
from .studio import Studio
from .turn import Turn
from .uploads import FileStore
from .writer import Writer

MARK: Final = "[sandbox]"


def image_sources(options: ImageOptions, turn: Turn) -> tuple[GivenPicture, ...]:
    """Give the pictures to edit, none where one is to be painted. Raises `Rejected` (400) for an edit of nothing."""
    if options.action == "generate":
        return ()
    if not turn.subjects and (options.action == "edit" or options.mask):
        raise Rejected(
            "The image generation action 'edit' needs an image: none is in the input or in the conversation.",
            code="invalid_value",
            param="tools[0].action" if options.action == "edit" else "tools[0].input_image_mask",
        )
    return turn.subjects


async def image_mask(options: ImageOptions, files: FileStore) -> GivenPicture | None:
    """Load the mask, if there is one."""
    return await load_picture(options.mask, files) if options.mask else None


async def write_image(writer: Writer, studio: Studio, files: FileStore, turn: Turn, tool: Json, fault: Fault) -> Json:
    """Make a picture and tell of it; give what the image model consumed."""
    options = read_options(tool, "tools[0]")
    sources, mask = image_sources(options, turn), await image_mask(options, files)
    item_id = new_id("ig")
    index = writer.begin(items.image_call(item_id, "in_progress"))
    at = {"output_index": index, "item_id": item_id}
    writer.event("response.image_generation_call.in_progress", **at)
    writer.event("response.image_generation_call.generating", **at)
    if fault.refusal == "item":
        writer.finish(index, _refused(item_id))
        return consumption.image_usage()
    painting = await studio.make(turn.text or "a picture", options, sources, mask)
    shared = {"size": _size(painting), **_shared(options, painting)}
    for number, partial in enumerate(painting.partials):
        writer.event(
            "response.image_generation_call.partial_image",
            **at,
            partial_image_index=number,
            partial_image_b64=partial,
            **shared,
        )
    writer.event("response.image_generation_call.completed", **at)
    item = items.image_call(item_id, "completed") | {
        "action": "edit" if painting.edited else "generate",
        **shared,
        "revised_prompt": f"{MARK} {turn.text}".strip(),
        "result": painting.result,
    }
    writer.finish(index, _faulty(item, fault))
    return await _usage(studio, turn, options, painting, (*sources, *([mask] if mask else [])))


def _shared(options: ImageOptions, painting: Painting) -> Json:
    return {"background": painting.background, "output_format": options.format, "quality": painting.quality}


def _size(painting: Painting) -> str:
    return f"{painting.size[0]}x{painting.size[1]}"


async def _usage(
    studio: Studio, turn: Turn, options: ImageOptions, painting: Painting, shown: tuple[GivenPicture, ...]
) -> Json:
    sizes = await studio.measure(shown)

    def count() -> Json:
        images = sum(consumption.shown_tokens(options.model, size, options.fidelity) for size in sizes)
        output = consumption.painted_tokens(options.model, painting.quality, painting.size, len(painting.partials))
        return consumption.image_usage(consumption.words([turn.text]), images, output)

    return await studio.run(count)


def _refused(item_id: str) -> Json:
    error = {
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
        "message": REFUSAL_MESSAGE,
        "param": None,
        "moderation_details": {"moderation_stage": "output", "categories": ["violence"]},
    }
    return items.image_call(item_id, "failed") | {"error": error}


def _faulty(item: Json, fault: Fault) -> Json:
    if fault.picture == "generating":
        return item | {"status": "generating"}
    if fault.picture == "broken":
        return item | {"result": "!!not base64!!" + item["result"][:40]}
    return item | {"result": None} if fault.picture == "missing" else item
