"""Pictures that fit: previews, renditions, and what is sent to a service."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from io import BytesIO
from itertools import pairwise
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from lightbox.errors import BadPicture
from lightbox.images import rendering
from lightbox.images.inspection import inspect_bytes, is_plain
from lightbox.images.raster import decode, fit, for_sending, preview
from lightbox.images.rendition import MAX_INLINE_SIDE, Rendition

if TYPE_CHECKING:
    from tests.images.conftest import Painter

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def opened(rendition: Rendition) -> Image.Image:
    image = Image.open(BytesIO(rendition.data))
    image.load()
    assert image.size == (rendition.width, rendition.height)
    assert image.get_format_mimetype() == rendition.mime_type
    return image


def near(image: Image.Image, place: tuple[float, float], colour: tuple[int, int, int], reach: int = 40) -> bool:
    """Tell whether the colour at a place, in parts of width and height, is about this one."""
    spot = image.convert("RGB").getpixel((int(place[0] * image.width), int(place[1] * image.height)))
    assert isinstance(spot, tuple)
    return all(abs(have - want) <= reach for have, want in zip(spot, colour, strict=True))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("JPEG", "RGB", {"quality": 95}),
        ("JPEG", "RGB", {"progressive": True, "quality": 95}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("WEBP", "RGB", {"quality": 95}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("BMP", "P", {}),
        ("TIFF", "RGB", {}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "RGBA", {"compression": "tiff_lzw"}),
        ("AVIF", "RGB", {"quality": 95}),
    ],
)
def test_a_picture_of_every_common_kind_comes_out_right(
    painted: Painter, kind: str, mode: str, options: dict[str, Any]
) -> None:
    image = opened(preview(painted(kind, (320, 200), mode, **options), max_side=160))
    assert image.size == (160, 100)
    assert near(image, (0.25, 0.6), RED)
    assert near(image, (0.75, 0.6), BLUE)
    assert near(image, (0.04, 0.04), WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_a_grey_picture_keeps_its_shades(painted: Painter, mode: str) -> None:
    image = opened(preview(painted("PNG", (320, 200), mode)))
    assert near(image, (0.04, 0.04), WHITE, 8)
    spot = image.convert("RGB").getpixel((80, 120))
    assert isinstance(spot, tuple)
    assert max(spot) - min(spot) <= 6


@pytest.mark.parametrize(("bits", "shade"), [(0, 0), (0x4000, 64), (0x8000, 128), (0xFFFF, 255)])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_16_bit_picture_is_neither_black_nor_white(kind: str, bits: int, shade: int) -> None:
    grey = Image.frombytes("I;16", (64, 64), struct.pack("<H", bits) * 64 * 64)
    assert near(opened(preview(saved(grey, kind))), (0.5, 0.5), (shade, shade, shade), 3)


def test_a_picture_of_floating_point_values_is_stretched_to_what_one_can_see() -> None:
    ramp = Image.frombytes("F", (256, 64), struct.pack("<256f", *(value / 1000 for value in range(256))) * 64)
    image = decode(saved(ramp, "TIFF"))
    assert near(image, (0.0, 0.5), (0, 0, 0), 2)
    assert near(image, (0.5, 0.5), (128, 128, 128), 2)
    assert near(image, (0.999, 0.5), WHITE, 2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_rotated_picture_comes_out_upright(painted: Painter, kind: str, orientation: int) -> None:
    upright = Image.open(BytesIO(painted("PNG", (320, 200))))
    turns = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turn = turns[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[274] = orientation
    rendition = preview(saved(stored, kind, exif=exif))
    image = opened(rendition)
    assert image.size == (320, 200)
    assert near(image, (0.04, 0.04), WHITE)
    assert near(image, (0.25, 0.6), RED)
    assert near(image, (0.75, 0.6), BLUE)
    assert image.getexif().get(274, 1) == 1


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_of_an_animated_picture_the_first_frame_is_shown(kind: str) -> None:
    frames = [Image.new("RGB", (100, 80), colour) for colour in ("red", "blue", "white")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert near(opened(preview(data)), (0.5, 0.5), RED)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("GIF", "P"), ("WEBP", "RGBA")]
)
def test_transparency_is_kept(kind: str, mode: str) -> None:
    if mode == "P":
        image = Image.new("P", (200, 100), 0)
        image.putpalette([255, 0, 0, 0, 0, 255])
        image.paste(1, (100, 0, 200, 100))
        data = saved(image, kind, transparency=0)
    else:
        image = Image.new(mode, (200, 100))
        image.paste(Image.new(mode, (100, 100), "white"), (100, 0))
        data = saved(image, kind)
    shown = opened(preview(data, max_side=100))
    assert shown.mode == "RGBA"
    alpha = shown.getchannel("A")
    assert alpha.getpixel((10, 25)) == 0
    assert alpha.getpixel((90, 25)) == 255


def test_an_alpha_channel_that_hides_nothing_is_dropped(painted: Painter) -> None:
    assert decode(painted("PNG", mode="RGBA")).mode == "RGB"


def test_a_wide_gamut_is_brought_to_srgb() -> None:
    """A profile with red and green swapped shows whether it is applied at all."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - untyped in Pillow
    profile = profile.replace(b"rXYZ", b"tmpX").replace(b"gXYZ", b"rXYZ").replace(b"tmpX", b"gXYZ")
    profile = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be")).replace(b"sRGB", b"swap")
    data = saved(Image.new("RGB", (50, 50), (255, 0, 0)), "PNG", icc_profile=bytes(profile))
    assert near(opened(preview(data)), (0.5, 0.5), (0, 255, 0))


@pytest.mark.parametrize("profile", [b"", b"damaged", bytes(200)])
def test_a_damaged_profile_is_passed_over(profile: bytes) -> None:
    data = saved(Image.new("RGB", (50, 50), RED), "PNG", icc_profile=profile)
    assert near(opened(preview(data)), (0.5, 0.5), RED)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK"])
def test_a_profile_made_for_another_mode_does_no_harm(painted: Painter, mode: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - untyped in Pillow
    data = painted("TIFF" if mode == "CMYK" else "PNG", mode=mode, icc_profile=profile)
    assert near(opened(preview(data)), (0.04, 0.04), WHITE)


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ((400, 300), 768, (400, 300)),
        ((3000, 2000), 768, (768, 512)),
        ((2000, 3000), 768, (512, 768)),
        ((3000, 10), 300, (300, 1)),
        ((5000, 5), 100, (100, 1)),
        ((5000, 2500), 10_000, (MAX_INLINE_SIDE, MAX_INLINE_SIDE // 2)),
        ((1, 1), 768, (1, 1)),
    ],
)
def test_a_preview_is_bounded_and_never_enlarged(
    painted: Painter, size: tuple[int, int], max_side: int, expected: tuple[int, int]
) -> None:
    assert opened(preview(painted(size=size), max_side=max_side)).size == expected


def test_a_photo_of_12_megapixels_is_previewed(large_photo: bytes) -> None:
    assert opened(preview(large_photo)).size == (768, 576)


def test_a_photo_is_not_sent_as_png_and_a_drawing_not_as_jpeg(photo: bytes, painted: Painter) -> None:
    assert preview(photo).mime_type in {"image/webp", "image/jpeg"}
    drawing = preview(painted("PNG", (700, 500)))
    assert len(drawing.data) < 4000
    assert drawing.mime_type != "image/jpeg"


@pytest.mark.parametrize("max_bytes", [200_000, 50_000, 10_000, 2_000])
def test_a_preview_shrinks_until_it_fits_and_no_further_than_it_must(photo: bytes, max_bytes: int) -> None:
    rendition = preview(photo, max_side=2000, max_bytes=max_bytes)
    assert max_bytes / 5 < len(rendition.data) <= max_bytes
    assert opened(rendition).size == (rendition.width, rendition.height)


def test_more_room_never_gives_a_smaller_picture(photo: bytes) -> None:
    sides = [preview(photo, max_bytes=room).width for room in (2_000, 8_000, 32_000, 128_000)]
    assert all(less <= more for less, more in pairwise(sides))


def test_what_fits_nowhere_is_a_bad_picture(photo: bytes) -> None:
    with pytest.raises(BadPicture, match="does not fit into 50 bytes"):
        preview(photo, max_bytes=50)


def test_what_fits_is_given_as_it_is(photo: bytes) -> None:
    rendition = fit(photo, max_bytes=len(photo))
    assert (rendition.data, rendition.mime_type) == (photo, "image/jpeg")


@pytest.mark.parametrize("max_bytes", [300_000, 100_000])
def test_what_does_not_fit_is_given_as_large_as_it_can_be(photo: bytes, max_bytes: int) -> None:
    rendition = fit(photo, max_bytes=max_bytes)
    assert max_bytes / 4 < len(rendition.data) <= max_bytes
    assert rendition.width > 300


def test_a_picture_above_the_side_is_shrunk_although_its_bytes_fit(painted: Painter) -> None:
    assert max(opened(fit(painted(size=(9000, 100)), max_bytes=10_000_000)).size) == 8000


FORMATS = {"image/png", "image/jpeg", "image/webp", "image/gif"}
sent = partial(for_sending, max_base64_bytes=10_000_000, formats=FORMATS)


def test_what_a_service_takes_is_sent_untouched(painted: Painter) -> None:
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        assert sent(painted(kind)).data == painted(kind)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "AVIF"])
def test_a_type_that_a_service_does_not_take_is_converted(painted: Painter, kind: str) -> None:
    rendition = sent(painted(kind, (300, 200)))
    assert rendition.mime_type in FORMATS
    assert near(opened(rendition), (0.25, 0.6), RED)
    assert (rendition.width, rendition.height) == (300, 200)


def test_a_rotated_or_cmyk_picture_is_sent_as_a_person_sees_it(painted: Painter) -> None:
    exif = Image.Exif()
    exif[274] = 6
    turned = sent(painted("JPEG", (300, 200), exif=exif))
    assert (turned.width, turned.height) == opened(turned).size == (200, 300)
    assert opened(sent(painted("JPEG", mode="CMYK"))).mode == "RGB"


def test_of_an_animated_picture_the_first_frame_is_sent() -> None:
    frames = [Image.new("RGB", (100, 80), colour) for colour in ("red", "blue")]
    rendition = sent(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert rendition.mime_type != "image/gif"
    assert near(opened(rendition), (0.5, 0.5), RED)


def test_no_more_is_sent_than_the_model_sees(photo: bytes) -> None:
    seen = sent(photo, seen_size=(1000, 750))
    assert (seen.width, seen.height) == (1000, 750)
    assert sent(seen.data, seen_size=(1000, 750)).data == seen.data


@pytest.mark.parametrize("size", [(1000, 740), (1600, 1184), (1568, 1200)])
def test_a_picture_is_sent_in_exactly_the_size_that_the_model_sees(photo: bytes, size: tuple[int, int]) -> None:
    assert opened(sent(photo, seen_size=size)).size == size


def test_a_picture_stored_sideways_is_sent_in_exactly_the_size_that_the_model_sees(painted: Painter) -> None:
    exif = Image.Exif()
    exif[274] = 6
    for kind in ("JPEG", "TIFF"):
        image = opened(sent(painted(kind, (300, 200), exif=exif), seen_size=(128, 192)))
        assert image.size == (128, 192)
        assert near(image, (0.5, 0.25), RED)


def test_what_the_service_can_not_carry_is_shrunk_below_what_the_model_sees(photo: bytes) -> None:
    rendition = sent(photo, max_base64_bytes=100_000, seen_size=(1568, 1180))
    assert rendition.width < 1568
    assert abs(rendition.width / rendition.height - 1568 / 1180) < 0.01


@pytest.mark.parametrize("limit", [1_000_000, 300_000])
def test_base64_stays_below_the_limit_of_the_service(photo: bytes, limit: int) -> None:
    rendition = for_sending(photo, max_base64_bytes=limit, formats={"image/jpeg", "image/png"})
    assert limit / 5 < len(f"data:image/jpeg;base64,{'A' * (-(-len(rendition.data) // 3) * 4)}") <= limit


def test_where_png_alone_is_taken_png_is_sent(painted: Painter) -> None:
    rendition = for_sending(painted("JPEG", (300, 200)), max_base64_bytes=10_000_000, formats={"image/png"})
    assert (rendition.mime_type, rendition.width, rendition.height) == ("image/png", 300, 200)


def test_transparency_is_put_on_white_where_only_jpeg_is_taken() -> None:
    clear = saved(Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG")
    rendition = for_sending(clear, max_base64_bytes=10_000_000, formats={"image/jpeg"})
    assert near(opened(rendition), (0.5, 0.5), WHITE)


def test_a_heic_is_named_with_what_to_pass_instead() -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x14ispe\0\0\0\0\0\0\x0f\xc0\0\0\x0b\xd0"
    for make in (preview, sent):
        with pytest.raises(BadPicture, match="is a HEIC, which can't be opened here: pass it as PNG or JPEG"):
            make(heic)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_picture_that_is_cut_off_is_named(photo: bytes, kind: str, share: float) -> None:
    data = saved(Image.open(BytesIO(photo)).crop((0, 0, 400, 300)), kind)
    with pytest.raises(BadPicture, match="broken"):
        preview(data[: int(len(data) * share)])


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    for make in (preview, decode):
        with pytest.raises(BadPicture, match=r"30000x30000 px \(900 megapixels\)"):
            make(bomb)


def test_text_that_unpacks_to_much_more_is_no_crash(painted: Painter) -> None:
    text = b"comment\0\0" + zlib.compress(bytes(100_000_000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    plain = painted()
    with pytest.raises(BadPicture, match="broken PNG"):
        preview(plain[:33] + chunk + plain[33:])


@given(st.data())
def test_damage_anywhere_gives_a_picture_or_a_bad_picture(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]))
    damaged = bytearray(_small(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        preview(bytes(damaged), max_side=64)
    except BadPicture as error:
        assert str(error)  # noqa: PT017 - both ends are right


def _small(kind: str) -> bytes:
    return saved(Image.linear_gradient("L").convert("RGB").resize((48, 32)), kind)  # pyright: ignore[reportUnknownMemberType] - Pillow's types name numpy's


async def test_the_async_door_gives_what_the_functions_give(photo: bytes) -> None:
    assert await rendering.preview(photo, max_side=300) == preview(photo, max_side=300)
    assert await rendering.fit(photo, max_bytes=100_000) == fit(photo, max_bytes=100_000)
    assert await rendering.for_sending(
        photo, max_base64_bytes=10_000_000, formats=FORMATS, seen_size=(300, 225)
    ) == sent(photo, seen_size=(300, 225))


def test_a_large_photograph_is_harmless_where_it_is_decoded_small_and_in_one_scan() -> None:
    photograph, progressive = BytesIO(), BytesIO()
    Image.new("RGB", (4_000, 3_000), "teal").save(photograph, "JPEG")
    Image.new("RGB", (4_000, 3_000), "teal").save(progressive, "JPEG", progressive=True)

    assert is_plain(photograph.getvalue(), side=520)
    assert not is_plain(photograph.getvalue(), side=3_000)
    assert not is_plain(photograph.getvalue())
    assert not is_plain(progressive.getvalue(), side=520)
    assert inspect_bytes(photograph.getvalue(), "fox.jpg").plain_side == 2_000
    assert inspect_bytes(progressive.getvalue(), "fox.jpg").plain_side == 0


def test_segments_without_end_are_not_walked_through_to_tell_that_a_picture_is_not_harmless() -> None:
    photograph = BytesIO()
    Image.new("RGB", (4_000, 3_000), "teal").save(photograph, "JPEG")
    head, scan = photograph.getvalue().split(b"\xff\xda", 1)
    endless = head + b"\xff\xe1\0\x02" * 1_900_000 + b"\xff\xda" + scan
    assert len(endless) < 8_000_000

    began = process_time()
    assert not is_plain(endless, side=520)
    assert process_time() - began < 0.5
