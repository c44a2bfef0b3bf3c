"""The work of save_images: pictures kept in a collection, as files here, or for callers elsewhere behind links."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import anyio
from anyio.to_thread import run_sync
from mcp.types import CallToolResult, TextContent

from lightbox.costs.money import Money, plain
from lightbox.errors import BadReference, LightboxError, StorageFailed
from lightbox.images import collection
from lightbox.images.collection import Entry, collection_name, file_stem, safe_stem
from lightbox.images.embedding import Facts, with_facts
from lightbox.images.files import name_words
from lightbox.images.reference import FileId, shorten
from lightbox.images.searching import note_saved, prices
from lightbox.images.sniff import EXTENSIONS, UNKNOWN_TYPE, sniff
from lightbox.state.words import picture_name
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import SavedImage, SavedList
from lightbox.untrusted import fence, plain_lines

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.images.searching import Price
    from lightbox.tools.arguments import SaveImages
    from lightbox.tools.tool import Answer, Call

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Loaded:
    """One reference: the picture with its bytes, or what kept it from being had."""

    reference: str
    picture: Picture | None = None
    data: bytes = b""
    problem: str | None = None


async def answer(call: Call, arguments: SaveImages) -> Answer:
    """Fetch what is named, keep what came, and name what did not.

    Raises:
        BadInput: The collection or the name can't be used.
        BadReference: Nothing came; the text names everything and why.
        StorageFailed: Nothing could be saved.
    """
    name = collection_name(arguments.folder)
    stem = file_stem(arguments.name) if arguments.name else None
    loaded = await _load(call, arguments.images)
    pictures = [one.picture for one in loaded if one.picture]
    if not pictures:
        raise BadReference("\n".join(dict.fromkeys(one.problem or "" for one in loaded)))
    costs = await call.opened.database.read(partial(prices, owner=call.owner, known=pictures))
    entries = {
        number: await run_sync(_entry, one.picture, one.data, name, _stem(stem, number, len(loaded)), costs)
        for number, one in enumerate(loaded, start=1)
        if one.picture
    }
    saved = await _kept(call, name, entries, {one.picture.handle: one for one in loaded if one.picture})
    gone = [SavedImage(image=one.reference, problem=one.problem) for one in loaded if not one.picture]
    following = next_step(call.served, "saved", collection=name)
    return _answer(saved.model_copy(update={"saved": [*saved.saved, *gone], "next": following}))


async def _kept(call: Call, name: str, entries: dict[int, Entry], loaded: dict[str, _Loaded]) -> SavedList:
    """Keep pictures, and write down in which collection they are, whether somebody still waits or not."""
    keep = _keep_here if call.caller.link is None else _keep_behind_links
    known = [one.picture for one in loaded.values() if one.picture]
    saved: list[SavedList] = []
    with anyio.CancelScope(shield=True):
        kept = await keep(call, name, entries, loaded)
        files = {one.image: one.file for one in kept.saved if one.file}
        note = partial(note_saved, owner=call.owner, collection=name, files=files, known=known, now=time.time())
        try:
            await call.opened.database.write(note)
        except StorageFailed as error:
            lost = f"list_images will not find them by the collection: {error}"
            kept = kept.model_copy(update={"notes": [*kept.notes, lost]})
        saved.append(kept)
    return saved[0]


async def _load(call: Call, references: list[str]) -> list[_Loaded]:
    """Fetch side by side, each picture once."""
    loaded: dict[int, _Loaded] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def one(index: int, reference: str) -> None:
        async with places:
            loaded[index] = await _loaded(call, reference)
        await call.tell(f"fetched {len(loaded)} of {len(references)}")

    async with anyio.create_task_group() as tasks:
        for index, reference in enumerate(references):
            tasks.start_soon(one, index, reference)
    first: dict[str, int] = {}
    for index in range(len(references)):
        picture = loaded[index].picture
        first.setdefault(picture.handle if picture else loaded[index].reference, index)
    return [loaded[index] for index in sorted(first.values())]


async def _loaded(call: Call, reference: str) -> _Loaded:
    try:
        found = await call.opened.pictures.resolve(call.owner, reference)
        if isinstance(found, FileId):
            return _Loaded(
                found.value, problem=f"{found.value} is a provider's file id: only the provider can read it."
            )
        picture, data = await call.load(found)
    except LightboxError as error:
        return _Loaded(shorten(reference, 40), problem=plain_lines(str(error)))
    return _Loaded(picture.handle, picture, data)


def _stem(stem: str | None, number: int, of: int) -> str | None:
    return stem if stem is None or of == 1 else f"{stem}-{number}"


def _entry(picture: Picture, data: bytes, name: str, stem: str | None, costs: dict[str, Price]) -> Entry:
    """Put together what is saved of a picture; takes a moment where it is large."""
    told = sniff(data)
    kind = told.mime_type if told else picture.mime_type or UNKNOWN_TYPE
    price = costs.get(picture.handle)
    amount = Money.of_billionths(price.billionths, price.currency) if price else None
    called = picture_name(picture.origin, str(picture.path) if picture.path else None, picture.url)
    made_by = f"{picture.provider} {picture.model or ''}".strip()
    facts = Facts(
        handle=picture.handle,
        collection=name,
        origin=picture.origin,
        moment=picture.created_at,
        title=picture.title,
        prompt=picture.prompt,
        source=picture.page_url or picture.url,
        model=made_by if picture.origin == "made" and picture.provider else None,
        price=str(amount) if amount else None,
    )
    words = name_words(picture.title or picture.prompt or called or "")
    told_of: dict[str, Any] = {
        "image": picture.handle,
        "origin": picture.origin,
        "title": picture.title,
        "prompt": picture.prompt,
        "source": facts.source,
        "image_url": picture.url,
        "provider": picture.provider,
        "model": picture.model,
        "created_at": picture.created_at.isoformat(timespec="seconds"),
        "cost": {"amount": plain(amount.amount), "currency": amount.currency} if amount else None,
        "width": picture.width,
        "height": picture.height,
        "mime_type": kind,
        "parent": picture.parent,
    }
    return Entry(
        handle=picture.handle,
        sha256=picture.sha256 or sha256(data).hexdigest(),
        data=with_facts(data, kind, facts),
        name=(stem or safe_stem(words, picture.handle)) + EXTENSIONS.get(kind, ""),
        told={key: value for key, value in told_of.items() if value is not None or key == "cost"},
    )


async def _keep_here(call: Call, name: str, entries: dict[int, Entry], _: dict[str, _Loaded]) -> SavedList:
    """Write files into the collection's folder.

    Raises:
        BadInput, StorageFailed: As `collection.save`, and where not one could be written.
    """
    folder = call.settings.image_dir
    saved, notes = await run_sync(collection.save, folder, name, list(entries.values()))
    if not any(one.path for one in saved):
        raise StorageFailed(
            f"Nothing was saved in {folder / name}: {saved[0].problem}. "
            "Make room, or set LIGHTBOX_IMAGE_DIR to a folder that can be written."
        )
    told = [
        SavedImage(
            image=one.handle,
            file=one.path.name if one.path else None,
            path=str(one.path) if one.path else None,
            was_there=one.was_there,
            problem=one.problem,
        )
        for one in saved
    ]
    return SavedList(collection=name, folder=str(folder / name), saved=told, notes=notes)


async def _keep_behind_links(call: Call, name: str, entries: dict[int, Entry], loaded: dict[str, _Loaded]) -> SavedList:
    """Keep the bytes where they outlive the cache, and give links to them.

    Raises:
        StorageFailed: Not one could be kept.
    """
    told: list[SavedImage] = []
    link = call.caller.link
    for entry in entries.values():
        picture = loaded[entry.handle].picture
        try:
            if picture is not None:
                await call.opened.pictures.hold(picture, loaded[entry.handle].data)
        except StorageFailed as error:
            told.append(SavedImage(image=entry.handle, problem=plain_lines(str(error))))
        else:
            told.append(SavedImage(image=entry.handle, file=entry.name, link=link(entry.handle) if link else None))
    if not any(one.file for one in told):
        raise StorageFailed(f"Nothing was saved: {told[0].problem}")
    notes = ["The links expire after some minutes; saving again, or list_images, gives new ones."]
    return SavedList(collection=name, saved=told, notes=notes)


def _answer(saved: SavedList) -> CallToolResult:
    kept = [one for one in saved.saved if one.file]
    missing = len(saved.saved) - len(kept)
    number = f"{len(kept)} picture{'' if len(kept) == 1 else 's'}"
    where = f" ({saved.folder})" if saved.folder else ""
    head = f"Saved {number} in {saved.collection}{where}" + (f"; {missing} could not be saved." if missing else ".")
    told = fence("\n".join(_line(one) for one in saved.saved))
    last = [saved.next] if saved.next else []
    text = "\n".join([head, told, *(f"note: {note}" for note in saved.notes), *last])
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=saved.model_dump(mode="json")
    )


def _line(one: SavedImage) -> str:
    if one.file is None:
        return f"{one.image} not saved: {one.problem}"
    there = " (was there already)" if one.was_there else ""
    return f"{one.image}  {one.path or f'{one.file}  {one.link}'}{there}"
