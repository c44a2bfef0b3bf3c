"""OpenAI's dialect: search by words, generate, edit, describe.

With `store`, pictures are made in the background: the service goes on when the line breaks, and the stream can be taken
up again.
"""

from __future__ import annotations

from lightbox.errors import BadInput
from lightbox.providers.calls import Call, DescribeCall, EditCall, GenerateCall, OutputOptions, SearchCall, SentPicture
from lightbox.providers.dialect import LOOK, numbered, one_line
from lightbox.vocabulary import Ability
from lightbox.wire.request import Body, image_part, text_part, user_message, without_none

_BRIEF = "Then answer with the one word “done”."
_ANALYSIS = "Then say in three sentences what was found and which results fit best, without naming any address."


class OpenAI:
    """OpenAI, Azure, and servers that speak as they do."""

    name = "openai"
    abilities: frozenset[Ability] = frozenset({"search", "generate", "edit", "describe"})
    free_failures = False

    def body(self, call: Call, *, store: bool) -> Body:
        """Put a call into the service's words.

        Raises:
            BadInput: For what the service can't do.
        """
        match call:
            case SearchCall():
                work = {**_search(call), "store": False}
            case GenerateCall():
                work = {"input": call.prompt, **_image_tool(call, "generate"), **_keep(store=store)}
            case EditCall():
                work = {**_edit_input(call), **_image_tool(call, "edit"), **_keep(store=store)}
            case DescribeCall():
                work = {"input": _question(call), "instructions": LOOK, "store": False}
            case _:
                raise BadInput("openai finds no similar pictures: use dashscope for that")
        return {"model": call.model, **work}

    def resumable(self, ability: Ability, *, store: bool) -> bool:
        """Pictures that are made in the background can be."""
        return store and ability in ("generate", "edit")


def _keep(*, store: bool) -> Body:
    return {"store": True, "background": True} if store else {"store": False}


def _search(call: SearchCall) -> Body:
    order = (
        f"Search once, with a single query, for {call.count} picture{'' if call.count == 1 else 's'} "
        f"of the following: {one_line(call.query)}\n{_ANALYSIS if call.analysis else _BRIEF}"
    )
    tool = {
        "type": "web_search",
        "search_content_types": ["image", "text"],
        "image_settings": {"max_results": call.count, "caption": True},
    }
    # Of the hosted tools `web_search` alone can't be forced by its type.
    return {
        "input": order,
        "tools": [tool],
        "tool_choice": "required",
        "include": ["web_search_call.results"],
    }


def _image_tool(call: GenerateCall | EditCall, action: str) -> Body:
    mask = call.mask if isinstance(call, EditCall) else None
    tool = without_none(
        {
            "type": "image_generation",
            # The service's default has changed four times: always named.
            "model": call.image_model,
            "action": action,
            **_output(call.output),
            "input_fidelity": call.fidelity if isinstance(call, EditCall) else None,
            "input_image_mask": without_none({"image_url": mask.url, "file_id": mask.file_id}) if mask else None,
        }
    )
    return {"tools": [tool], "tool_choice": {"type": "image_generation"}}


def _output(options: OutputOptions) -> Body:
    """What is left to the service (`auto`, no partial pictures) is left out: some servers know fewer options."""
    return {
        "size": _unless_auto(options.size),
        "quality": _unless_auto(options.quality),
        "background": _unless_auto(options.background),
        "output_format": options.format,
        "output_compression": options.compression,
        "partial_images": options.partial_images or None,
    }


def _unless_auto(value: str) -> str | None:
    return None if value == "auto" else value


def _edit_input(call: EditCall) -> Body:
    if not call.pictures and not call.continue_from:
        raise BadInput("an edit needs a picture: name at least one")
    parts = [text_part(call.prompt), *(_picture(picture, "auto") for picture in call.pictures)]
    return without_none({"input": [user_message(parts)], "previous_response_id": call.continue_from})


def _question(call: DescribeCall) -> list[Body]:
    question = text_part(call.question + numbered(len(call.pictures)))
    return [user_message([question, *(_picture(picture, call.detail) for picture in call.pictures)])]


def _picture(picture: SentPicture, detail: str) -> Body:
    return image_part(url=picture.url, file_id=picture.file_id, detail=detail)
