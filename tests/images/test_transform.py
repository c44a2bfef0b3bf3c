"""Pictures cut, turned, scaled and padded: compared px by px with what is worked out here by another way."""

from __future__ import annotations

import math
import random
from io import BytesIO
from typing import Any, cast

import pytest
from PIL import Image, ImageCms, ImageDraw
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngInfo

from lightbox.errors import BadInput, BadPicture
from lightbox.images import rendering
from lightbox.images.rendition import Rendition
from lightbox.images.transform import Transformation, to_exactly
from lightbox.images.transform_words import read
from lightbox.images.transforming import transform

Px = tuple[int, ...]
Rows = list[list[Px]]

ORIENTATION = 274
RED, BLUE, WHITE, NAVY, CLEAR = (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 128), (0, 0, 0, 0)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def rows_of(image: Image.Image) -> Rows:
    """Give every px of a picture as a tuple, row by row."""
    return [
        [
            value if isinstance(value := image.getpixel((x, y)), tuple) else (int(value or 0),)
            for x in range(image.width)
        ]
        for y in range(image.height)
    ]


def motley(width: int, height: int, mode: str = "RGB", seed: int = 7) -> Image.Image:
    """Paint every px in a colour of its own."""
    chance = random.Random(seed)  # noqa: S311 - colours
    image = Image.new(mode, (width, height))
    most = 65_535 if mode == "I;16" else 255
    for y in range(height):
        for x in range(width):
            px = [chance.randint(0, most) for _ in image.getbands()]
            image.putpixel((x, y), tuple(px) if len(px) > 1 else px[0])
    return image


def done(image: Image.Image | bytes, **wanted: Any) -> Image.Image:
    """Transform a picture and open what comes out."""
    return opened(made(image, **wanted).data)


def made(image: Image.Image | bytes, **wanted: Any) -> Rendition:
    return transform(image if isinstance(image, bytes) else saved(image), read(**wanted))


def turned(rows: Rows) -> Rows:
    """Turn by 90 degrees clockwise: what was the lowest row is the first column."""
    height, width = len(rows), len(rows[0])
    return [[rows[height - 1 - x][y] for x in range(height)] for y in range(width)]


MODES = ("RGB", "RGBA", "L", "I;16")


@pytest.mark.parametrize("mode", MODES)
def test_a_crop_in_px_gives_exactly_those_px(mode: str) -> None:
    image = motley(20, 16, mode)
    assert rows_of(done(image, crop="3,2,10,9")) == [row[3:13] for row in rows_of(image)[2:11]]


@pytest.mark.parametrize(
    ("crop", "box"),
    [
        ("25%,50%,50%,25%", (5, 8, 15, 12)),
        ("10%, 0, 50%, 16px", (2, 0, 12, 16)),
        ("0,0,100%,100%", (0, 0, 20, 16)),
        ("33.3%,0,33.4%,100%", (7, 0, 13, 16)),
        ("square", (2, 0, 18, 16)),
        ("2:1", (0, 3, 20, 13)),
        ("16:9", (0, 2, 20, 13)),
        ("1:4", (8, 0, 12, 16)),
        ("SQUARE", (2, 0, 18, 16)),
    ],
)
def test_a_crop_in_percents_or_of_a_shape_lies_where_it_should(crop: str, box: tuple[int, int, int, int]) -> None:
    image = motley(20, 16)
    left, upper, right, lower = box
    assert rows_of(done(image, crop=crop)) == [row[left:right] for row in rows_of(image)[upper:lower]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("degrees", "times"), [(90, 1), (180, 2), (270, 3)])
def test_rotating_turns_clockwise(mode: str, degrees: int, times: int) -> None:
    image = motley(9, 5, mode)
    expected = rows_of(image)
    for _ in range(times):
        expected = turned(expected)
    assert rows_of(done(image, rotate=degrees)) == expected


@pytest.mark.parametrize("mode", MODES)
def test_flipping_changes_sides(mode: str) -> None:
    image = motley(9, 5, mode)
    assert rows_of(done(image, flip="horizontal")) == [row[::-1] for row in rows_of(image)]
    assert rows_of(done(image, flip="vertical")) == rows_of(image)[::-1]


def test_a_cut_comes_before_a_turn_and_a_turn_before_a_flip() -> None:
    image = motley(12, 8)
    cut = [row[0:6] for row in rows_of(image)[0:4]]
    assert rows_of(done(image, crop="0,0,6,4", rotate=90, flip="horizontal")) == [row[::-1] for row in turned(cut)]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_upright_before_anything_is_done_and_is_not_turned_twice(orientation: int) -> None:
    upright = motley(12, 8)
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turn = stored.get(orientation)
    lying = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[271] = "A camera"
    for kind in ("PNG", "TIFF"):
        result = done(saved(lying, kind, exif=exif), crop="0,0,6,4", format="png")
        assert rows_of(result) == [row[:6] for row in rows_of(upright)[:4]], kind
        assert result.getexif().get(ORIENTATION, 1) == 1
        assert result.getexif()[271] == "A camera"


def test_an_orientation_in_xmp_is_told_as_upright_too() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" dc:title="Fox"/></x:xmpmeta>'
    photo = saved(motley(16, 16), "JPEG", xmp=xmp)
    told = done(photo, flip="vertical").info["xmp"]
    assert b'tiff:Orientation="1"' in told
    assert b'dc:title="Fox"' in told


def lanczos(line: list[float], size: int, start: float, end: float) -> list[float]:
    """Resample a line of values as the book says: a sinc under a sinc of three lobes, as wide as the step."""
    step = (end - start) / size
    wide = max(1.0, step)
    made: list[float] = []
    for index in range(size):
        middle = start + (index + 0.5) * step
        reach = range(max(0, math.floor(middle - 3 * wide)), min(len(line), math.ceil(middle + 3 * wide)))
        weights = {place: _kernel((place + 0.5 - middle) / wide) for place in reach}
        total = sum(weights.values())
        made.append(sum(line[place] * weight for place, weight in weights.items()) / total)
    return made


def _kernel(x: float) -> float:
    if x == 0:
        return 1.0
    return math.sin(math.pi * x) * math.sin(math.pi * x / 3) * 3 / (math.pi * x) ** 2 if abs(x) < 3 else 0.0


def resampled(
    rows: list[list[float]], size: tuple[int, int], box: tuple[float, float, float, float]
) -> list[list[float]]:
    across = [[min(255, max(0, round(value))) for value in lanczos(row, size[0], box[0], box[2])] for row in rows]
    columns = [lanczos([row[x] for row in across], size[1], box[1], box[3]) for x in range(size[0])]
    return [[columns[x][y] for x in range(size[0])] for y in range(size[1])]


def channels(image: Image.Image) -> list[list[list[float]]]:
    rows = rows_of(image)
    return [[[float(px[band]) for px in row] for row in rows] for band in range(len(image.getbands()))]


def farthest(image: Image.Image, expected: list[list[list[float]]]) -> float:
    """Give by how much a picture differs at most from what is expected, channel by channel."""
    found = channels(image)
    return max(
        abs(value - min(255.0, max(0.0, wanted)))
        for channel, goal in zip(found, expected, strict=True)
        for row, line in zip(channel, goal, strict=True)
        for value, wanted in zip(row, line, strict=True)
    )


@pytest.mark.parametrize(
    ("size", "fit", "out", "box"),
    [
        ("12x8", "contain", (12, 8), (0, 0, 24, 16)),
        ("12x12", "contain", (12, 8), (0, 0, 24, 16)),
        ("12x", "contain", (12, 8), (0, 0, 24, 16)),
        ("x8", "cover", (12, 8), (0, 0, 24, 16)),
        ("8x8", "cover", (8, 8), (4, 0, 20, 16)),
        ("12x4", "cover", (12, 4), (0, 4, 24, 12)),
        ("9x7", "cover", (9, 7), (12 - 72 / 7, 0, 12 + 72 / 7, 16)),
        ("7x9", "stretch", (7, 9), (0, 0, 24, 16)),
        ("36x24", "contain", (36, 24), (0, 0, 24, 16)),
    ],
)
def test_a_picture_gets_into_a_size_as_it_is_to(
    size: str, fit: str, out: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    image = motley(24, 16)
    result = done(image, size=size, fit=fit)
    assert result.size == out
    assert farthest(result, [resampled(channel, out, box) for channel in channels(image)]) <= 2


def test_covering_a_size_that_the_picture_has_on_one_side_moves_no_px() -> None:
    image = motley(24, 20)
    assert rows_of(done(image, size="24x16", fit="cover")) == rows_of(image)[2:18]
    assert rows_of(done(image, size="18x20", fit="cover")) == [row[3:21] for row in rows_of(image)]


@pytest.mark.parametrize("side", [13, 50])
def test_the_hidden_colour_of_what_is_transparent_gives_no_edge_a_seam(side: int) -> None:
    image = Image.new("RGBA", (32, 32), CLEAR)  # transparent black
    ImageDraw.Draw(image).rectangle((8, 8, 23, 23), fill=(255, 200, 40, 255))
    result = done(image, size=f"{side}x{side}")
    alphas = [px[3] for row in rows_of(result) for px in row]
    assert abs(sum(alphas) / 255 / side**2 - 1 / 4) < 0.02, "a quarter of the picture is seen, as before"
    halves = 0
    for px in (px for row in rows_of(result) for px in row if px[3] > 32):
        halves += px[3] < 224
        assert all(abs(part - wanted) <= 16 for part, wanted in zip(px[:3], (255, 200, 40), strict=True)), px
    assert halves > 8, "its edge is soft"


def test_padding_puts_the_picture_in_the_middle_on_its_colour() -> None:
    image = motley(10, 6)
    rows = rows_of(done(image, size="10x10", fit="pad", background="navy"))
    assert rows[2:8] == rows_of(image)
    assert {px for row in (*rows[:2], *rows[8:]) for px in row} == {NAVY}


def test_padding_to_a_shape_keeps_every_px() -> None:
    image = motley(9, 16)
    rows = rows_of(done(image, size="1:1", fit="pad", background="#fff"))
    assert [row[3:12] for row in rows] == rows_of(image)
    assert (len(rows), len(rows[0])) == (16, 16)


def test_a_transparent_picture_is_padded_with_nothing_and_an_opaque_one_with_white() -> None:
    clear = done(motley(6, 4, "RGBA"), size="6x6", fit="pad")
    assert rows_of(clear)[0] == [CLEAR] * 6
    assert rows_of(done(motley(6, 4), size="6x6", fit="pad"))[0] == [WHITE] * 6
    opaque = done(motley(6, 4), size="6x6", fit="pad", background="transparent")
    assert (opaque.mode, rows_of(opaque)[0]) == ("RGBA", [CLEAR] * 6)


@pytest.mark.parametrize(("background", "ground"), [(None, WHITE), ("white", WHITE), ("#000080", NAVY)])
def test_what_is_transparent_is_put_onto_the_background_where_the_format_holds_none(
    background: str | None, ground: Px
) -> None:
    image = motley(16, 16, "RGBA")
    result = done(image, format="tiff", background=background or "white")
    for before, after in zip(rows_of(image), rows_of(result), strict=True):
        for px, flat in zip(before, after, strict=True):
            blended = [part * px[3] / 255 + back * (1 - px[3] / 255) for part, back in zip(px[:3], ground, strict=True)]
            assert all(abs(found - wanted) <= 1 for found, wanted in zip(flat, blended, strict=True))
    told = made(image, format="jpeg", **({"background": background} if background else {}))
    assert opened(told.data).mode == "RGB"
    assert any("white now" in note for note in told.notes) == (background is None)


@pytest.mark.parametrize("kind", ["png", "webp", "avif", "tiff", "gif"])
def test_transparency_is_kept_where_the_format_holds_it(kind: str) -> None:
    image = Image.new("RGBA", (40, 40), CLEAR)
    ImageDraw.Draw(image).rectangle((10, 10, 29, 29), fill=(200, 30, 30, 255))
    result = done(image, format=kind).convert("RGBA")
    assert [px[3] for px in (result.getpixel((2, 2)), result.getpixel((20, 20))) if isinstance(px, tuple)] == [0, 255]


def wide_gamut() -> bytes:
    """A profile of red, green and blue that are not sRGB's: its red and blue are exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    for entry in range(132, 132 + 12 * count, 12):
        name = bytes(data[entry : entry + 4])
        data[entry : entry + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
        if name == b"desc":
            place = int.from_bytes(data[entry + 4 : entry + 8], "big")
            at = data.find(b"\0s\0R\0G\0B", place)
            data[at : at + 8] = b"\0o\0d\0d\0!"
    return bytes(data)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif", "tiff"])
def test_a_profile_is_kept_with_the_colours_that_it_explains(kind: str) -> None:
    profile = wide_gamut()
    image = saved(Image.new("RGB", (32, 32), RED), icc_profile=profile)
    result = done(image, size="16x16", format=kind)
    assert result.info["icc_profile"] == profile
    px = result.convert("RGB").getpixel((8, 8))
    assert isinstance(px, tuple)
    assert all(abs(found - wanted) <= 6 for found, wanted in zip(px, RED, strict=True))


def test_a_picture_without_its_profile_looks_the_same() -> None:
    image = saved(Image.new("RGB", (8, 8), RED), icc_profile=wide_gamut())
    for result in (done(image, strip=True), done(image, format="gif")):
        assert "icc_profile" not in result.info
        px = result.convert("RGB").getpixel((4, 4))
        assert isinstance(px, tuple)
        assert px[2] > 200
        assert px[0] < 60


def test_padding_has_the_colour_that_was_asked_for_in_the_colours_of_the_profile() -> None:
    image = saved(Image.new("RGB", (8, 4), RED), icc_profile=wide_gamut())
    result = done(image, size="8x8", fit="pad", background="blue")
    px = result.getpixel((0, 0))
    assert isinstance(px, tuple)
    assert px[0] > 200, "blue is written in the channel that this profile calls blue"
    assert px[2] < 60


def test_print_colours_stay_print_colours_in_a_jpeg() -> None:
    image = Image.new("CMYK", (32, 32), (200, 20, 40, 10))
    result = done(saved(image, "JPEG", quality=100), crop="0,0,16,16")
    assert (result.mode, result.format) == ("CMYK", "JPEG")
    px = result.getpixel((8, 8))
    assert isinstance(px, tuple)
    assert all(abs(found - wanted) <= 3 for found, wanted in zip(px, (200, 20, 40, 10), strict=True))


def test_print_colours_become_srgb_where_the_format_holds_none_and_that_is_said() -> None:
    told = made(saved(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=100), format="png")
    px = opened(told.data).getpixel((8, 8))
    assert isinstance(px, tuple)
    assert px[0] > 180
    assert max(px[1:]) < 80
    assert told.notes == ("its print colours (CMYK) became sRGB",)


def test_sixteen_bits_of_grey_stay_sixteen_bits() -> None:
    image = motley(16, 8, "I;16")
    result = done(image, size="16x10", fit="pad")
    assert result.mode == "I;16"
    assert rows_of(result)[1:9] == rows_of(image)
    assert set(rows_of(result)[0]) == {(65_535,)}


def test_sixteen_bits_that_become_eight_are_scaled_and_that_is_said() -> None:
    image = motley(16, 8, "I;16")
    told = made(image, format="webp", compression=100)
    assert "its 16 bits per channel became 8" in told.notes
    dark = Image.new("I;16", (16, 16), 0x8080)
    px = done(dark, format="jpeg").convert("L").getpixel((8, 8))
    assert isinstance(px, int)
    assert abs(px - 0x80) <= 1


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_what_moves_the_first_frame_is_taken_and_that_is_said(kind: str) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "green", "blue")]
    animated = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    told = made(animated, crop="square", format="png")
    assert rows_of(opened(told.data).convert("RGB")) == [[RED] * 10] * 10
    assert told.notes == ("the first of its 3 frames was taken: the others are left out",)
    assert getattr(opened(made(animated, crop="square").data), "n_frames", 1) == 1


def test_of_several_pages_the_first_is_taken_and_of_a_phones_photograph_the_depth_is_left_out_in_silence() -> None:
    pages = [motley(8, 6), motley(8, 6, seed=8)]
    told = made(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), flip="vertical")
    assert told.notes == ("the first of its 2 pages was taken: the others are left out",)
    assert rows_of(opened(told.data)) == rows_of(pages[0])[::-1]
    assert made(saved(pages[0], "MPO", save_all=True, append_images=pages[1:]), flip="vertical").notes == ()


@pytest.mark.parametrize("kind", ["jpeg", "webp", "avif", "png", "gif"])
def test_a_picture_is_compressed_to_so_many_kilobytes_at_the_same_size(kind: str) -> None:
    noise = Image.effect_noise((160, 120), 60).convert("RGB")
    usual = len(made(noise, format=kind, flip="vertical").data)
    bound = usual * 0.6 / 1000
    told = made(noise, format=kind, max_kilobytes=bound)
    assert 0.2 * usual < len(told.data) <= bound * 1000
    assert opened(told.data).size == (160, 120)
    assert any("to fit into max_kilobytes" in note for note in told.notes)


@pytest.mark.parametrize("kind", ["jpeg", "webp", "avif", "png", "gif", "tiff"])
def test_kilobytes_that_can_not_be_reached_are_refused_with_the_smallest_that_are(kind: str) -> None:
    noise = Image.effect_noise((160, 120), 60).convert("RGB")
    with pytest.raises(BadPicture, match=r"max_kilobytes 0\.3 can't be reached") as refused:
        made(noise, format=kind, max_kilobytes=0.3)
    least = float(str(refused.value).partition("try max_kilobytes=")[2].partition(",")[0])
    assert len(made(noise, format=kind, max_kilobytes=least).data) <= least * 1000


def test_a_jpeg_is_written_again_as_finely_as_it_was() -> None:
    photo = saved(Image.effect_noise((400, 300), 50).convert("RGB"), "JPEG", quality=60)
    result = done(photo, rotate=180)
    assert isinstance(result, JpegImageFile)
    assert isinstance(before := opened(photo), JpegImageFile)
    assert result.quantization == before.quantization
    assert len(made(photo, rotate=180).data) < 1.1 * len(photo)
    assert len(made(photo, rotate=180, compression=95).data) > 1.5 * len(photo)


def test_metadata_are_kept_or_all_of_them_left_out() -> None:
    exif = Image.Exif()
    exif[315] = "An artist"
    exif.get_ifd(0x8825)[1] = "N"
    photo = saved(motley(16, 16), "JPEG", exif=exif, dpi=(300, 300), comment="secret")
    kept, stripped = done(photo, flip="vertical"), done(photo, strip=True)
    assert kept.getexif()[315] == "An artist"
    assert kept.getexif().get_ifd(0x8825)[1] == "N"
    assert kept.info["dpi"] == (300, 300)
    assert len(stripped.getexif()) == 0
    assert not {"exif", "dpi", "xmp", "comment", "icc_profile"} & set(stripped.info)


def test_the_texts_of_a_png_are_kept() -> None:
    info = PngInfo()
    info.add_itxt("prompt", "ein Fuchs im Schnee")
    result = done(saved(motley(4, 4), pnginfo=info), flip="vertical")
    assert result.info["prompt"] == "ein Fuchs im Schnee"


async def test_a_still_picture_is_brought_to_exactly_a_size_and_one_that_moves_is_not() -> None:
    image = motley(32, 24)
    rendition = await rendering.transform(saved(image), to_exactly((32, 24), (32, 18)))
    assert rows_of(opened(rendition.data)) == rows_of(image)[3:21]
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "green")]
    with pytest.raises(BadPicture, match="animation of 2 frames"):
        await rendering.transform(
            saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), to_exactly((20, 10), (10, 10))
        )


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "Nothing is to be done: pass at least one of size"),
    "a crop in words": ({"crop": "the left half"}, "crop the left half can't be read: write x,y,width,height"),
    "a crop of three": ({"crop": "1,2,3"}, "crop 1,2,3 can't be read"),
    "a negative crop": ({"crop": "-5,0,10,10"}, "crop -5,0,10,10 can't be read"),
    "a turn": ({"rotate": 45}, "rotate 45 is not valid: pass 90, 180 or 270"),
    "a size in words": ({"size": "large"}, "size large can't be read: write WIDTHxHEIGHT"),
    "a size without px": ({"size": "0x100"}, "size 0x100 has no px"),
    "no side": ({"size": "x"}, "size x can't be read"),
    "a million px": ({"size": "1000000x1000000"}, r"1000000x1000000 is too large.*8,192 px a side.*\(try 7071x7071\)"),
    "a long side": ({"size": "9000x100"}, r"at most 8,192 px a side.*\(try 8192x91\)"),
    "one long side": ({"size": "9000x"}, r"\(try 8192x\)"),
    "a colour": ({"background": "blurple"}, "background blurple is no colour.*#rrggbb"),
    "a long colour": ({"background": "#" + "f" * 9000}, "is no colour"),
    "a fit without size": ({"fit": "cover", "rotate": 90}, "fit cover needs a size"),
    "half a stretch": ({"fit": "stretch", "size": "100x"}, "fit stretch needs both sides, and size is 100x"),
    "transparent jpeg": ({"format": "jpeg", "background": "transparent"}, "transparent does not work with format jpeg"),
    "compressed png": ({"format": "png", "compression": 50}, "compression 50 has no effect on png: use jpeg"),
    "compression": ({"compression": 101}, r"compression 101 is out of range: 0 to 100.*\(try 100\)"),
    "no kilobytes": ({"max_kilobytes": 0}, "max_kilobytes 0 is out of range"),
    "kilobytes without number": ({"max_kilobytes": float("nan")}, "max_kilobytes nan is out of range"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_valid_is_named_with_what_is(name: str) -> None:
    wanted, text = WRONG[name]
    with pytest.raises(BadInput, match=text):
        read(**wanted)


@pytest.mark.parametrize(
    ("crop", "place", "near"),
    [
        ("10,0,20,8", "20x8 px from 10,0", "10,0,10,8"),
        ("50%,50%,60%,50%", "12x8 px from 10,8", "10,8,10,8"),
        ("30,30,5,5", "5x5 px from 30,30", "19,15,1,1"),
        ("0,0,0,5", "0x5 px from 0,0", "0,0,1,5"),
    ],
)
def test_a_crop_outside_the_picture_is_refused_with_one_that_is_inside(crop: str, place: str, near: str) -> None:
    with pytest.raises(BadPicture) as refused:
        made(motley(20, 16), crop=crop)
    assert f"crop {crop} is {place} and the picture 20x16 px" in str(refused.value)
    assert f"try crop={near}," in str(refused.value)
    width, height = map(int, near.split(",")[2:])
    assert done(motley(20, 16), crop=near).size == (width, height)


def test_a_side_that_would_become_too_long_is_refused() -> None:
    with pytest.raises(BadPicture, match="at most 8,192 px a side"):
        made(Image.new("L", (4000, 10)), size="x200")


def test_a_compression_of_what_has_none_names_formats_that_have() -> None:
    with pytest.raises(BadPicture, match="no effect on png: pass format=jpeg or webp"):
        made(motley(4, 4), compression=50)


def test_transparent_padding_of_a_jpeg_is_saved_as_png() -> None:
    told = made(saved(motley(8, 4), "JPEG"), size="8x8", fit="pad", background="transparent")
    assert told.mime_type == "image/png"
    assert "saved as png, for jpeg holds no transparency" in told.notes


def test_a_picture_that_grows_says_by_how_much() -> None:
    assert made(motley(10, 10), size="25x25").notes == ("enlarged 2.5 times, which adds no detail",)
    assert made(motley(10, 10), size="5x5").notes == ()
    assert made(motley(10, 20), size="15x15").notes == ()


async def test_a_broken_picture_is_refused_by_the_worker_as_elsewhere() -> None:
    with pytest.raises(BadPicture, match="broken PNG"):
        await rendering.transform(saved(motley(64, 64))[:2000], Transformation(rotate=90))


async def test_what_takes_too_long_is_given_up_with_a_way_that_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "MAX_SECONDS", 0.05)
    with pytest.raises(BadPicture, match=r"longer than 0\.05 seconds to transform.*a smaller size, or format=jpeg"):
        await rendering.transform(saved(motley(64, 64)), read(size="6000x6000"))
