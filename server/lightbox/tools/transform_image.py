"""The work of transform_image: cut, turn, scale, pad and encode pictures, for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from lightbox.errors import BadReference, LightboxError
from lightbox.images import rendering
from lightbox.images.reference import FileId, shorten
from lightbox.images.transform_words import read
from lightbox.tools.answers import PREVIEW_SIDE, Shown, foreign_lines, picture_lines, with_previews
from lightbox.tools.next_step import next_step
from lightbox.tools.tool import Showing
from lightbox.untrusted import plain_lines, tame

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.images.transform import Transformation
    from lightbox.tools.arguments import TransformImage
    from lightbox.tools.tool import Answer, Call

AT_ONCE = 8
ANSWER_SECONDS = 3.0
"""How long before its end a call stops to transform, so that what is done by then is answered with."""
LEAST_SECONDS = 1.0


async def answer(call: Call, arguments: TransformImage) -> Answer:
    """Transform all at once, and name what could not be.

    Raises:
        BadInput: What is wanted is not valid; no picture was touched.
        BadReference: Nothing could be transformed; the text names everything and why.
    """
    wanted = read(
        crop=arguments.crop,
        rotate=arguments.rotate,
        flip=arguments.flip,
        size=arguments.size,
        fit=arguments.fit,
        format=arguments.format,
        compression=arguments.compression,
        max_kilobytes=arguments.max_kilobytes,
        background=arguments.background,
        strip=arguments.metadata == "strip",
    )
    results = await _transform_all(call, arguments.images, wanted)
    done = [result for result in results if result.shown is not None]
    problems = list(dict.fromkeys(result.problem for result in results if result.problem is not None))
    if not done:
        raise BadReference("\n".join(problems))
    return await _told(call, done, problems)


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one reference: the new picture and what it was made from, or what kept it from being made."""

    shown: Shown | None = None
    parent: Picture | None = None
    notes: tuple[str, ...] = ()
    problem: str | None = None


async def _transform_all(call: Call, references: list[str], wanted: Transformation) -> list[_Result]:
    """Transform side by side; what is not done in time is named, too."""
    results: dict[int, _Result] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def one(index: int, reference: str) -> None:
        async with places:
            results[index] = await _transformed(call, reference, wanted)
        await call.tell(f"transformed {len(results)} of {len(references)}")

    with anyio.move_on_after(max(LEAST_SECONDS, call.remaining - ANSWER_SECONDS)):
        async with anyio.create_task_group() as tasks:
            for index, reference in enumerate(references):
                tasks.start_soon(one, index, reference)
    return [results.get(index) or _late(reference) for index, reference in enumerate(references)]


async def _transformed(call: Call, reference: str, wanted: Transformation) -> _Result:
    pictures = call.opened.pictures
    try:
        found = await pictures.resolve(call.owner, reference)
        if isinstance(found, FileId):
            return _Result(problem=f"{found.value} is a provider's file id: only the provider can read it.")
        parent, data = await call.load(found)
        rendition = await rendering.transform(data, wanted)
        made = await pictures.keep_transformed(rendition.data, parent)
    except LightboxError as error:
        text = str(error)
        return _Result(problem=text if reference[:40] in text else f"{shorten(reference, 40)}: {text}")
    return _Result(Shown(made, rendition.data), parent, rendition.notes)


def _late(reference: str) -> _Result:
    return _Result(problem=f"{shorten(reference, 40)} was not done within WAIT_SECONDS: pass it again, by itself.")


async def _told(call: Call, done: list[_Result], problems: list[str]) -> Answer:
    shown = [result.shown for result in done if result.shown is not None]
    number = f"{len(done)} picture{'' if len(done) == 1 else 's'}"
    lines = [f"Transformed {number}; nothing was billed."]
    for result in done:
        lines += _lines(call, result)
    lines += [f"not transformed: {' '.join(plain_lines(problem).split())}" for problem in problems]
    lines += foreign_lines(shown)
    call.showing = Showing(images=[each.picture.handle for each in shown])
    following = next_step(call.served, "transformed", [each.picture.handle for each in shown])
    return await with_previews(
        call,
        "\n".join(lines),
        [each.data for each in shown if each.data],
        max_side=PREVIEW_SIDE,
        following=following,
        following_unseen=following,
    )


def _lines(call: Call, result: _Result) -> list[str]:
    shown, parent = result.shown, result.parent
    if shown is None or parent is None:
        return []
    lines = picture_lines(call, shown)
    if shown.picture.handle == parent.handle:
        lines.append("it was so already: nothing was changed")
    else:
        count = f"{parent.byte_count:,} bytes" if parent.byte_count else "bytes unknown"
        lines.append(f"from: {parent.handle}  {parent.width}x{parent.height} px  {tame(parent.mime_type)}  {count}")
    notes = [*result.notes, *([shown.picture.note] if shown.picture.note else [])]
    return [*lines, *(f"note: {note}" for note in notes)]
