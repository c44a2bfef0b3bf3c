"""The work of edit_image: change pictures as told by words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall, SentSize
from lightbox.errors import BadInput
from lightbox.images import rendering
from lightbox.images.reference import FileId
from lightbox.providers.calls import EditCall, SentPicture
from lightbox.tools.paid import Route, make_plan, output_options, route
from lightbox.tools.sending import Prepared, Purpose, data_uri, prepare_all
from lightbox.tools.sizing import sizing

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.jobs.job import Plan
    from lightbox.providers.calls import Call as SentCall
    from lightbox.tools.arguments import EditImage
    from lightbox.tools.tool import Call


async def plan(call: Call, arguments: EditImage) -> Plan:
    """Plan an edit: from the stored response that made the picture where that works, else with the pictures sent."""
    chosen = route(call, "edit", arguments.provider, arguments.model)
    size = sizing(arguments, chosen.known)
    masked = arguments.mask is not None
    output = output_options(call, arguments, chosen, size.asked, fidelity=arguments.fidelity, masked=masked)
    source = await _stored(call, arguments, chosen)
    pictures = [] if source else await prepare_all(call, arguments.images, _purpose(arguments, chosen))
    mask = await _mask(call, arguments.mask, pictures) if arguments.mask else None
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
        mask=mask.size if mask else None,
        size=size.asked,
        quality=arguments.quality,
        format=arguments.format,
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
        mask=mask.sent if mask else None,
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
        **({"mask": mask.reference} if mask else {}),
    }
    made = make_plan(
        call,
        "edit_image",
        given,
        chosen,
        priced,
        [sent] * arguments.count,
        prompt=arguments.prompt,
        exact_size=size.exact,
        notes=size.notes,
    )
    return replace(made, instead=with_pictures) if source else made


def _purpose(arguments: EditImage, chosen: Route) -> Purpose:
    masked = arguments.mask is not None  # services want the image in the mask's own format
    formats = frozenset({"image/png"}) if masked else None
    return Purpose(endpoint=chosen.endpoint, model=chosen.image_model or "", inline=masked, whole=True, formats=formats)


async def _stored(call: Call, arguments: EditImage, chosen: Route) -> Picture | None:
    """Give the picture whose stored response the edit can go on from; a mask needs the picture itself.

    A picture that was brought to its size here has none: the response holds the larger one, which nobody named.
    """
    if len(arguments.images) != 1 or arguments.mask is not None:
        return None
    if chosen.provider == "openai" and not call.settings.openai_store:
        return None
    found = await call.parts.pictures.resolve(call.owner, arguments.images[0])
    if isinstance(found, FileId) or found.provider != chosen.provider or not found.response_id:
        return None
    return found


async def _mask(call: Call, reference: str, pictures: list[Prepared]) -> Prepared:
    """Bring a mask into the form that services want.

    Raises:
        BadInput: A file id is mixed with a picture whose size is not known here.
        BadPicture: It has another size than the first picture, or nothing in it is to change.
    """
    found = await call.parts.pictures.resolve(call.owner, reference)
    if isinstance(found, FileId):
        return Prepared(reference=found.value, sent=SentPicture(file_id=found.value), size=SentSize())
    first = pictures[0]
    if first.data is None:
        raise BadInput(
            "mask: the first image is a provider's file id, so its size is unknown here: pass the mask as one too."
        )
    known, data = await call.load(found)
    sent_size = (first.size.width or 0, first.size.height or 0)
    checked = await rendering.check_mask(first.data, data, sent_size)
    size = SentSize(width=checked.width, height=checked.height, byte_count=len(checked.data))
    return Prepared(
        reference=known.handle,
        sent=SentPicture(url=data_uri(checked.data, checked.mime_type)),
        size=size,
        picture=known,
    )
