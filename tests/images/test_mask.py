"""The mask of an edit: where the picture is to change."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from lightbox.errors import BadPicture
from lightbox.images import rendering
from lightbox.images.mask import check_mask

if TYPE_CHECKING:
    from tests.images.conftest import Painter

SIZE = (160, 120)


def png(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def half(mode: str, left: object, right: object) -> Image.Image:
    image = Image.new(mode, SIZE, right)  # pyright: ignore[reportArgumentType] - a colour of the mode
    image.paste(left, (0, 0, SIZE[0] // 2, SIZE[1]))  # pyright: ignore[reportArgumentType, reportCallIssue] - likewise
    return image


def alpha_of(mask: bytes) -> tuple[object, object]:
    """Give the alpha in the middle of the left and of the right half."""
    with Image.open(BytesIO(mask)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", SIZE)
        channel = image.getchannel("A")
        return channel.getpixel((40, 60)), channel.getpixel((120, 60))


async def test_a_transparent_mask_stays_as_it_is(painted: Painter) -> None:
    mask = half("RGBA", (0, 0, 0, 0), (9, 9, 9, 255))
    assert alpha_of((await rendering.check_mask(painted(), png(mask))).data) == (0, 255)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "P", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_a_black_and_white_mask_changes_where_it_is_white(painted: Painter, mode: str, kind: str) -> None:
    mask = half("L", 255, 0).convert(mode)
    assert alpha_of(check_mask(painted(), png(mask, kind)).data) == (0, 255)


def test_a_black_and_white_jpeg_is_read_although_its_edges_are_grey(painted: Painter) -> None:
    left, right = alpha_of(check_mask(painted(), png(half("L", 255, 0), "JPEG")).data)
    assert (left, right) == (0, 255)


def test_a_mask_of_another_size_is_refused_with_both_sizes(painted: Painter) -> None:
    with pytest.raises(BadPicture, match="mask is 160x120 px and the image 320x240 px"):
        check_mask(painted(size=(320, 240)), png(half("L", 255, 0)))


@pytest.mark.parametrize("name", ["black", "a photograph", "opaque"])
def test_a_mask_that_marks_nothing_is_refused(painted: Painter, name: str) -> None:
    mask = {
        "black": png(Image.new("L", SIZE)),
        "a photograph": png(Image.radial_gradient("L").resize(SIZE)),  # pyright: ignore[reportUnknownMemberType] - Pillow's types name numpy's
        "opaque": png(Image.new("RGBA", SIZE, (90, 20, 20, 255))),
    }[name]
    with pytest.raises(BadPicture, match="marks nothing to change"):
        check_mask(painted(), mask)


def test_the_size_of_a_rotated_image_is_that_in_which_it_is_sent(painted: Painter) -> None:
    exif = Image.Exif()
    exif[274] = 6
    sideways = painted("JPEG", (SIZE[1], SIZE[0]), exif=exif)
    assert alpha_of(check_mask(sideways, png(half("L", 255, 0))).data) == (0, 255)


def test_a_broken_mask_is_named_as_the_mask(painted: Painter) -> None:
    with pytest.raises(BadPicture, match="The mask is not a picture"):
        check_mask(painted(), b"hello")


def test_a_mask_follows_an_image_that_is_sent_smaller(painted: Painter) -> None:
    rendition = check_mask(painted(), png(half("L", 255, 0)), (80, 57))
    assert (rendition.width, rendition.height) == (80, 57)
    with Image.open(BytesIO(rendition.data)) as image:
        assert image.size == (80, 57)
        assert [image.getchannel("A").getpixel(place) for place in ((20, 30), (60, 30))] == [0, 255]
