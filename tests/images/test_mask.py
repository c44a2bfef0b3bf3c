"""The mask of an edit: where the picture is to change."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from lightbox.errors import BadPicture
from lightbox.images import rendering
from lightbox.images.area import LaidArea, read_area
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


@pytest.mark.parametrize("size", [(320, 200), (240, 320), (320, 245), (161, 100)])
def test_a_mask_of_another_shape_is_refused_with_both_sizes(painted: Painter, size: tuple[int, int]) -> None:
    with pytest.raises(BadPicture, match=f"mask is 160x120 px and the image {size[0]}x{size[1]} px: their shapes"):
        check_mask(painted(size=size), png(half("L", 255, 0)))


@pytest.mark.parametrize("size", [(320, 240), (80, 60), (1600, 1207), (162, 121), (40, 30)])
@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_a_mask_of_like_shape_is_scaled_to_the_picture(painted: Painter, size: tuple[int, int], mode: str) -> None:
    mask = half("L", 255, 0) if mode == "L" else half("RGBA", (0, 0, 0, 0), (9, 9, 9, 255))
    rendition = check_mask(painted(size=size), png(mask))

    with Image.open(BytesIO(rendition.data)) as image:
        assert image.size == size
        column = list(image.getchannel("A").crop((0, size[1] // 2, size[0], size[1] // 2 + 1)).tobytes())
    edge, soft = size[0] / 2, max(1, 2 * size[0] / SIZE[0])
    assert column == sorted(column)
    assert all(alpha == (0 if x < edge else 255) for x, alpha in enumerate(column) if abs(x + 0.5 - edge) > soft)


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


async def alpha_for(area: str, size: tuple[int, int] = SIZE) -> Image.Image:
    rendition = await rendering.area_mask(read_area(area).on(*size))
    with Image.open(BytesIO(rendition.data)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", size)
        assert (rendition.width, rendition.height, rendition.mime_type) == (*size, "image/png")
        return image.getchannel("A")


@pytest.mark.parametrize("area", ["10,20,30,40", "left third; 100,0,60,20", "outside centre", "0,0,1,1"])
async def test_the_mask_of_an_area_is_transparent_there_and_nowhere_else(area: str) -> None:
    laid = read_area(area).on(*SIZE)
    alpha = await alpha_for(area)

    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            inside = any(left <= x < right and top <= y < bottom for left, top, right, bottom in laid.boxes)
            assert alpha.getpixel((x, y)) == (0 if inside != laid.outside else 255), (x, y)


async def test_a_feathered_edge_fades_inwards_over_its_px_and_no_px_beyond_it_changes() -> None:
    alpha = await alpha_for("40,30,80,60 feather 10")
    row = list(alpha.crop((0, 60, SIZE[0], 61)).tobytes())

    assert row[:40] == [255] * 40
    assert row[40:51] == sorted(row[40:51], reverse=True)
    assert 200 < row[40] < 255
    assert 90 < row[45] < 165
    assert row[50:110] == [0] * 60
    assert row[120:] == [255] * 40


async def test_the_rim_of_the_picture_is_no_edge_that_fades() -> None:
    alpha = await alpha_for("left half feather 8")

    assert alpha.crop((0, 0, 70, SIZE[1])).getextrema() == (0, 0)


async def test_all_but_an_area_fades_outside_of_it() -> None:
    alpha = await alpha_for("outside 40,30,80,60 feather 10")

    assert alpha.crop((40, 30, 120, 90)).getextrema() == (255, 255)
    assert 0 < alpha.getpixel((35, 60)) < 255  # pyright: ignore[reportOperatorIssue, reportUnknownMemberType] - of one band
    assert alpha.crop((0, 0, 29, SIZE[1])).getextrema() == (0, 0)


@pytest.mark.parametrize("area", ["40,30,12,60 feather 10", "outside left half; right half"])
async def test_an_area_that_leaves_nothing_to_change_is_refused(area: str) -> None:
    with pytest.raises(BadPicture, match="area leaves nothing of the picture that may change"):
        await alpha_for(area)


async def test_the_mask_of_a_large_picture_comes_whole_from_the_worker_that_makes_it() -> None:
    size = (3_000, 2_000)
    rendition = await rendering.area_mask(LaidArea(*size, ((0, 0, 1_000, 2_000),)))

    with Image.open(BytesIO(rendition.data)) as image:
        assert image.size == size
        assert [image.getchannel("A").getpixel(place) for place in ((999, 5), (1_000, 5))] == [0, 255]


async def test_what_is_wrong_with_the_area_of_a_large_picture_is_told_as_of_a_small_one() -> None:
    with pytest.raises(BadPicture, match="area leaves nothing of the picture that may change"):
        await rendering.area_mask(LaidArea(3_000, 2_000, ((0, 0, 8, 2_000),), feather=20))
