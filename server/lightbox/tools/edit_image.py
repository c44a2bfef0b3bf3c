"""The work of edit_image: change pictures as told by words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall, SentSize
from lightbox.errors import BadInput
from lightbox.images import rendering
from lightbox.images.area import Area, read_area
from lightbox.images.reference import FileId, data_uri
from lightbox.providers.calls import EditCall, SentPicture
from lightbox.tools.lacking import Wanted
from lightbox.tools.paid import Route, make_plan, output_options, route, written_here
from lightbox.tools.sending import Prepared, Purpose, prepare_all
from lightbox.tools.sizing import sizing

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.images.rendering import Rendition
    from lightbox.jobs.job import Plan
    from lightbox.providers.calls import Call as SentCall
    from lightbox.tools.arguments import EditImage
    from lightbox.tools.tool import Call


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Where a picture may change: the mask that is sent, what names it in the journal, and what the answer says."""

    sent: SentPicture
    size: SentSize
    named: dict[str, str]
    notes: tuple[str, ...] = field(default=())


async def plan(call: Call, arguments: EditImage) -> Plan:
    """Plan an edit: from the stored response that made the picture where that works, else with the pictures sent.

    Raises:
        BadInput: It is said twice where the picture may change, or not so that it can be understood.
    """
    area = _area(arguments)
    chosen = route(call, _wanted(arguments), arguments.provider)
    size = sizing(arguments, chosen.known)
    output = output_options(call, arguments, chosen, size.asked)
    source = await _stored(call, arguments, chosen)
    pictures = [] if source else await prepare_all(call, arguments.images, _purpose(arguments, chosen))
    bounds = await _bounds(call, arguments.mask, area, pictures)
    priced = PricedCall(
        ability="edit",
        provider=chosen.provider,
        region=chosen.endpoint.region,
        model=chosen.model,
        image_model=chosen.image_model,
        text=arguments.prompt,
        pictures=(SentSize(width=source.width, height=source.height),)
        if source
        else tuple(picture.size for picture in pictures),
        mask=bounds.size if bounds else None,
        size=size.asked,
        quality=arguments.quality,
        format=output.format,
        fidelity=arguments.fidelity,
        partial_images=output.partial_images,
        continued=source is not None,
        count=arguments.count,
    )
    sent = EditCall(
        model=chosen.model,
        image_model=chosen.image_model or "",
        prompt=arguments.prompt,
        pictures=tuple(picture.sent for picture in pictures),
        mask=bounds.sent if bounds else None,
        fidelity=arguments.fidelity,
        output=output,
        continue_from=source.response_id if source else None,
    )

    async def with_pictures() -> tuple[SentCall, ...]:
        prepared = await prepare_all(call, arguments.images, _purpose(arguments, chosen))
        resent = replace(sent, continue_from=None, pictures=tuple(picture.sent for picture in prepared))
        return (resent,) * arguments.count

    given = arguments.given() | {
        "images": [source.handle] if source else [picture.reference for picture in pictures],
        **(bounds.named if bounds else {}),
    }
    notes = (*size.notes, *(bounds.notes if bounds else ()))
    calls = [sent] * arguments.count
    made = make_plan(
        call,
        "edit_image",
        given,
        chosen,
        priced,
        calls,
        prompt=arguments.prompt,
        exact_size=size.exact,
        format_here=written_here(arguments, chosen),
        notes=notes,
    )
    return replace(made, instead=with_pictures) if source else made


def _wanted(arguments: EditImage) -> Wanted:
    return Wanted(
        ability="edit",
        model=arguments.model,
        output=arguments,
        pictures=len(arguments.images),
        fidelity=arguments.fidelity,
        masked=arguments.bounded,
    )


def _area(arguments: EditImage) -> Area | None:
    if arguments.area is None:
        return None
    if arguments.mask is not None:
        raise BadInput("area and mask both say where the picture may change: pass one of them. Nothing was sent.")
    return read_area(arguments.area)


def _purpose(arguments: EditImage, chosen: Route) -> Purpose:
    masked = arguments.bounded  # services want the image in the mask's own format
    formats = frozenset({"image/png"}) if masked else None
    return Purpose(endpoint=chosen.endpoint, model=chosen.image_model or "", inline=masked, whole=True, formats=formats)


async def _stored(call: Call, arguments: EditImage, chosen: Route) -> Picture | None:
    """Give the picture whose stored response the edit can go on from; a mask needs the picture itself.

    A picture that was brought to its size here has none: the response holds the larger one, which nobody named.
    """
    if len(arguments.images) != 1 or arguments.bounded:
        return None
    if chosen.provider == "openai" and not call.settings.openai_store:
        return None
    found = await call.parts.pictures.resolve(call.owner, arguments.images[0])
    if isinstance(found, FileId) or found.provider != chosen.provider or not found.response_id:
        return None
    return found


async def _bounds(call: Call, mask: str | None, area: Area | None, pictures: list[Prepared]) -> _Bounds | None:
    """Say where the picture may change in the form that services want.

    Raises:
        BadInput: The first picture's size is not known here, or the area is not in it.
        BadPicture: The mask has another shape than the first picture, or nothing is to change.
    """
    if area is not None:
        return await _of_area(area, pictures[0])
    return await _of_mask(call, mask, pictures[0]) if mask is not None else None


async def _of_area(area: Area, first: Prepared) -> _Bounds:
    """Lay an area on the picture as the user knows it, and make the mask for the picture as it is sent."""
    picture = first.picture
    if picture is None or not picture.width or not picture.height:
        raise BadInput(
            "area: the first image is a provider's file id, so its size is unknown here: pass a handle, URL, path or "
            "data URI of it. Nothing was sent."
        )
    laid = area.on(picture.width, picture.height)
    made = await rendering.area_mask(laid.scaled(*_sent_size(first)))
    of = f"(x, y, width, height in px) of {picture.handle}, which is {picture.width}x{picture.height} px"
    return _made(made, {"area": str(laid)}, (f"The area that could change: {laid} {of}.",))


async def _of_mask(call: Call, reference: str, first: Prepared) -> _Bounds:
    found = await call.parts.pictures.resolve(call.owner, reference)
    if isinstance(found, FileId):
        return _Bounds(SentPicture(file_id=found.value), SentSize(), {"mask": found.value})
    if first.data is None or first.picture is None:
        raise BadInput(
            "mask: the first image is a provider's file id, so its size is unknown here: pass the mask as one too."
        )
    known, data = await call.load(found)
    checked = await rendering.check_mask(first.data, data, _sent_size(first))
    own, other = (known.width, known.height), (first.picture.width, first.picture.height)
    note = f"The mask was scaled from {own[0]}x{own[1]} px to the image's {other[0]}x{other[1]} px."
    return _made(checked, {"mask": known.handle}, () if own == other else (note,))


def _made(mask: Rendition, named: dict[str, str], notes: tuple[str, ...]) -> _Bounds:
    size = SentSize(width=mask.width, height=mask.height, byte_count=len(mask.data))
    return _Bounds(SentPicture(url=data_uri(mask.data, mask.mime_type)), size, named, notes)


def _sent_size(picture: Prepared) -> tuple[int, int]:
    return picture.size.width or 0, picture.size.height or 0
