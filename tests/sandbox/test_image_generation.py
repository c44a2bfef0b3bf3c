"""Every option of the `image_generation` tool, through the official client."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import openai
import pytest
from PIL import Image

from lightbox_sandbox import easel, image_options
from lightbox_sandbox.paintings import MOST_BYTES, Paintings
from lightbox_sandbox.pictures import GivenPicture, Painting

if TYPE_CHECKING:
    from .conftest import Pictures, Wire

MODEL = "gpt-6.1-sol"
SMALL: Any = {"type": "image_generation", "model": "sandbox-image", "size": "256x256", "quality": "low"}
FORCED: Any = {"type": "image_generation"}


def make(client: openai.OpenAI, said: Any, **options: Any) -> Any:
    tool: Any = SMALL | options
    response = client.responses.create(model=MODEL, input=said, tools=[tool], tool_choice=FORCED, store=False)
    [item] = [item for item in response.output if item.type == "image_generation_call"]
    return item


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg", "gif"])
def test_a_picture_comes_in_the_format_asked_for(client: openai.OpenAI, pictures: Pictures, kind: str) -> None:
    item = make(client, "Paint a fox", output_format=kind)

    assert pictures.decoded(item.result).format == kind.upper()
    assert (item.output_format, item.status, item.action) == (kind, "completed", "generate")


def test_a_drawing_comes_as_svg(client: openai.OpenAI) -> None:
    drawing = make(client, "Paint a fox", output_format="svg")
    replayed: Any = [drawing.to_dict(), {"role": "user", "content": "Thank you"}]

    assert base64.b64decode(drawing.result).startswith(b"<svg ")
    assert client.responses.create(model=MODEL, input=replayed).output_text


@pytest.mark.parametrize(
    ("kind", "where"), [("png", "Software"), ("webp", "exif"), ("jpeg", "exif"), ("gif", "comment")]
)
def test_the_file_itself_says_that_the_sandbox_made_it(
    client: openai.OpenAI, pictures: Pictures, kind: str, where: str
) -> None:
    item = make(client, "Paint a fox", output_format=kind)

    assert "Lightbox sandbox" in str(pictures.decoded(item.result).info[where])
    assert item.revised_prompt.startswith("[sandbox]")


@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "1024x1536", "1280x720"])
def test_a_picture_has_the_size_asked_for(client: openai.OpenAI, pictures: Pictures, size: str) -> None:
    item = make(client, "Paint a fox", size=size, model="gpt-image-2")

    assert "{}x{}".format(*pictures.decoded(item.result).size) == item.size == size


@pytest.mark.parametrize(
    ("prompt", "size"), [("a fox", "1024x1024"), ("a wide panorama", "1536x1024"), ("a portrait of a fox", "1024x1536")]
)
def test_a_size_left_open_is_resolved(client: openai.OpenAI, prompt: str, size: str) -> None:
    assert make(client, prompt, size="auto").size == size


def test_options_left_open_come_back_resolved(client: openai.OpenAI) -> None:
    item = make(client, "a fox", quality="auto", background="auto")

    assert (item.quality, item.background, item.output_format) == ("medium", "opaque", "png")


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_transparent_background_is_transparent(client: openai.OpenAI, pictures: Pictures, kind: str) -> None:
    item = make(client, "a fox", background="transparent", output_format=kind)

    image = pictures.decoded(item.result)
    assert image.mode == "RGBA"
    assert image.getchannel("A").getextrema()[0] == 0


def test_compression_makes_files_smaller(client: openai.OpenAI) -> None:
    sizes = [
        len(make(client, "a fox", output_format="jpeg", output_compression=level).result) for level in (100, 60, 10)
    ]

    assert sizes[0] > sizes[1] > sizes[2]


def test_partial_pictures_come_before_the_whole_one(client: openai.OpenAI, pictures: Pictures) -> None:
    tool: Any = SMALL | {"partial_images": 3}
    stream = client.responses.create(model=MODEL, input="Paint a fox", tools=[tool], tool_choice=FORCED, stream=True)
    partials = [event for event in stream if event.type == "response.image_generation_call.partial_image"]

    assert [event.partial_image_index for event in partials] == [0, 1, 2]
    assert all(pictures.decoded(event.partial_image_b64).size == (256, 256) for event in partials)
    assert len({event.partial_image_b64 for event in partials}) == 3


def test_several_pictures_are_taken_for_an_edit(client: openai.OpenAI, pictures: Pictures) -> None:
    shown = pictures.message("Put them together", pictures.png((256, 256)), pictures.png((64, 64), (0, 0, 200)))

    item = make(client, shown)

    assert item.action == "edit"


@pytest.mark.parametrize("by_file", [False, True], ids=["data URI", "file"])
def test_nothing_changes_outside_the_mask(client: openai.OpenAI, pictures: Pictures, by_file: bool) -> None:  # noqa: FBT001 - the parameter of the test
    source = Image.effect_noise((256, 256), 80).convert("RGB")
    mask = Image.new("RGBA", source.size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 128, 256))
    data = pictures.encoded(mask, "PNG")
    named = (
        {"file_id": client.files.create(file=("mask.png", data), purpose="vision").id}
        if by_file
        else {"image_url": pictures.uri(data)}
    )

    item = make(
        client, pictures.message("Turn it blue", pictures.encoded(source, "PNG")), action="edit", input_image_mask=named
    )

    kept, changed = (128, 0, 256, 256), (0, 0, 128, 256)
    result = pictures.decoded(item.result).convert("RGB")
    assert result.crop(kept).tobytes() == source.crop(kept).tobytes()
    assert result.crop(changed).tobytes() != source.crop(changed).tobytes()


def test_a_picture_is_painted_anew_where_that_is_asked_for(client: openai.OpenAI, pictures: Pictures) -> None:
    shown = pictures.message("A fox in this colour", pictures.png())

    assert make(client, shown, action="generate").action == "generate"


@pytest.mark.parametrize(
    ("options", "param", "code"),
    [
        ({"n": 2}, "n", "unknown_parameter"),
        ({"quality": "ultra"}, "quality", "invalid_value"),
        ({"quality": "xhigh", "model": "gpt-image-2", "size": "auto"}, "quality", "invalid_value"),
        ({"output_format": "bmp"}, "output_format", "invalid_value"),
        ({"output_format": "gif", "model": "gpt-image-1.5", "size": "auto"}, "output_format", "invalid_value"),
        ({"output_compression": 101, "output_format": "jpeg"}, "output_compression", "integer_above_max_value"),
        ({"output_compression": 50}, "output_compression", "invalid_png_output_compression"),
        ({"output_compression": "50"}, "output_compression", "invalid_type"),
        ({"background": "transparent", "output_format": "jpeg"}, "background", "invalid_value"),
        ({"partial_images": 4}, "partial_images", "integer_above_max_value"),
        ({"partial_images": -1}, "partial_images", "integer_below_min_value"),
        ({"moderation": "none"}, "moderation", "invalid_value"),
        ({"size": "huge"}, "size", "invalid_value"),
        ({"size": "1000x1000"}, "size", "invalid_value"),
        ({"size": "4096x2048"}, "size", "invalid_value"),
        ({"size": "3200x640"}, "size", "invalid_value"),
        ({"size": "512x512", "model": "gpt-image-2"}, "size", "invalid_value"),
        ({"size": "1280x720", "model": "gpt-image-1.5"}, "size", "invalid_value"),
        (
            {"input_fidelity": "high", "model": "gpt-image-2", "size": "auto"},
            "input_fidelity",
            "invalid_input_fidelity_model",
        ),
        ({"input_fidelity": "high", "model": "gpt-image-1-mini", "size": "auto"}, "input_fidelity", "invalid_value"),
        ({"action": "edit"}, "action", "invalid_value"),
        ({"input_image_mask": {}}, "input_image_mask", "invalid_value"),
        ({"input_image_mask": {"image_url": "data:image/png;base64,aGk="}}, "input_image_mask", "invalid_value"),
    ],
)
def test_an_option_that_is_wrong_is_named(client: openai.OpenAI, options: Any, param: str, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        make(client, "Paint a fox", **options)

    assert (caught.value.param, caught.value.code) == (f"tools[0].{param}", code)


@pytest.mark.parametrize(
    ("mask", "kind", "why"),
    [
        (Image.new("RGBA", (32, 32)), "PNG", "32x32"),
        (Image.new("RGB", (96, 64)), "PNG", "no alpha"),
        (Image.new("RGBA", (96, 64)), "WEBP", "format"),
    ],
)
def test_a_mask_that_does_not_fit_is_an_error(
    wire: Wire, pictures: Pictures, mask: Image.Image, kind: str, why: str
) -> None:
    tool = SMALL | {"input_image_mask": {"image_url": pictures.uri(pictures.encoded(mask, kind))}}

    answer = wire.post({"model": MODEL, "input": pictures.message("Edit", pictures.png()), "tools": [tool]})

    assert answer.status == 400
    assert why in answer.json["error"]["message"]


def test_what_is_asked_for_again_is_the_same_picture_and_is_not_painted_again() -> None:
    options = image_options.read_options(
        {"type": "image_generation", "quality": "low", "size": "1024x1024"}, "tools[0]"
    )
    paintings = Paintings()
    first = easel.make("a fox", options, (), None, None, paintings)
    source = GivenPicture(base64.b64decode(first.result))
    edited = easel.make("add a moon", options, (source,), None, None, paintings)

    assert easel.make("a fox", options, (), None, None, paintings) is first
    assert easel.make("add a moon", options, (source,), None, None, paintings) is edited
    assert easel.make("a dog", options, (), None, None, paintings).result != first.result
    assert easel.make("a fox", options, (), None, 1, paintings).result != first.result
    assert easel.make("a fox", options, (source,), None, None, paintings).result != first.result


def test_finished_work_is_kept_only_so_far() -> None:
    paintings, size = Paintings(), MOST_BYTES // 3
    for number in range(5):
        paintings.keep(number, Painting("x" * size, (), (1, 1), "low", "opaque", edited=False))

    assert [number for number in range(5) if paintings.again(number)] == [2, 3, 4]
