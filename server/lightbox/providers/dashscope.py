"""DashScope's dialect: search by words, search by picture, describe.

No parameter sets what is searched for or how much: the model decides, and what we want travels in words. So a search
is an order in one plain sentence with the words “search once”: a bag of keywords makes the model search, and bill,
several times. No `max_output_tokens` is set: the search's own arguments are output too, and a call that is cut is paid
for nothing.
"""

from __future__ import annotations

from lightbox.errors import BadInput
from lightbox.providers.calls import Call, DescribeCall, SearchCall, SentPicture, SimilarCall
from lightbox.providers.dialect import LOOK, numbered, one_line
from lightbox.vocabulary import Ability
from lightbox.wire.request import Body, image_part, text_part, user_message

_BRIEF = "Then answer with the one word “done”."
_ANALYSIS = "Then say in three sentences what was found and which results fit best, without naming any address."


class DashScope:
    """Alibaba Model Studio. Responses are never stored there, so none can be taken up again."""

    name = "dashscope"
    abilities: frozenset[Ability] = frozenset({"search", "similar", "describe"})
    free_failures = True

    def body(self, call: Call, *, store: bool = False) -> Body:
        """Put a call into the service's words.

        Raises:
            BadInput: For what the service can't do.
        """
        del store
        match call:
            case SearchCall():
                work = {"input": _search_order(call), "tools": [{"type": "web_search_image"}]}
            case SimilarCall():
                work = {"input": _similar_input(call), "tools": [{"type": "image_search"}]}
            case DescribeCall():
                work = {"input": _question(call), "instructions": LOOK}
            case _:
                raise BadInput("dashscope neither makes nor edits pictures: use openai for that")
        # Thinking is billed as output and searches are no better for it. `store` is true unless refused.
        return {"model": call.model, **work, "enable_thinking": False, "store": False}

    def resumable(self, ability: Ability, *, store: bool) -> bool:
        """Nothing can be: there is no background, and nothing is stored."""
        del ability, store
        return False


def _search_order(call: SearchCall) -> str:
    return (
        f"Search once, with a single query, for {_pictures(call.count)} of the following: {one_line(call.query)}\n"
        f"{_ANALYSIS if call.analysis else _BRIEF}"
    )


def _similar_input(call: SimilarCall) -> list[Body]:
    about = f", and pay attention to this: {one_line(call.about)}" if call.about else ""
    order = (
        f"Search once for {_pictures(call.count)} that look like this picture{about}\n"
        f"{_ANALYSIS if call.analysis else _BRIEF}"
    )
    return [user_message([text_part(order), _picture(call.picture)])]


def _question(call: DescribeCall) -> list[Body]:
    question = text_part(call.question + numbered(len(call.pictures)))
    return [user_message([question, *map(_picture, call.pictures)])]


def _picture(picture: SentPicture) -> Body:
    if picture.url is None:
        raise BadInput(f"dashscope knows no file {picture.file_id}: give the picture by URL, path or handle")
    return image_part(url=picture.url)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
