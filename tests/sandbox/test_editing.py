from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from lightbox_sandbox.colours import main_colours
from lightbox_sandbox.editing import edit
from lightbox_sandbox.painter import paint

PROMPTS = [
    "make it black and white",
    "blur the background",
    "turn the fox blue",
    "add a hat",
    "add a sun and a rainbow",
    "make it night",
    "add a wooden frame",
    "remove the tree",
    "a hot air balloon",
    "turn the sky purple",
    "as a watercolor",
    "brighter",
    'write "HELLO"',
    "下雪",
    "something nobody taught it",
]


@pytest.fixture(scope="module")
def fox() -> Image.Image:
    return paint("a red fox in a meadow", width=240, height=240)


@pytest.fixture(scope="module")
def mask() -> Image.Image:
    hole = Image.new("RGBA", (240, 240), (0, 0, 0, 255))
    ImageDraw.Draw(hole).rectangle((130, 20, 220, 120), fill=(0, 0, 0, 0))
    return hole


def changed_box(first: Image.Image, second: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(first.convert("RGB"), second.convert("RGB")).getbbox()


def mean(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_edit_stays_within_the_mask_to_the_pixel(prompt: str, fox: Image.Image, mask: Image.Image) -> None:
    box = changed_box(fox, edit([fox], prompt, mask=mask, width=240, height=240))
    assert box is not None
    assert box[0] >= 130
    assert box[1] >= 20
    assert box[2] <= 221
    assert box[3] <= 121


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_edit_without_a_mask_changes_the_picture_and_keeps_its_size(prompt: str, fox: Image.Image) -> None:
    changed = edit([fox], prompt)
    assert changed.size == fox.size
    assert changed_box(fox, changed) is not None


def test_the_same_edit_gives_the_same_pixels(fox: Image.Image) -> None:
    assert edit([fox], "add a hat", seed=3).tobytes() == edit([fox], "add a hat", seed=3).tobytes()


def test_grey_is_grey(fox: Image.Image) -> None:
    assert (ImageStat.Stat(edit([fox], "make it black and white").convert("HSV")).mean[1]) == 0


def test_brighter_is_brighter_and_darker_darker(fox: Image.Image) -> None:
    assert mean(edit([fox], "make it brighter")) > mean(fox) > mean(edit([fox], "make it darker"))


def test_a_red_fox_becomes_blue_and_the_rest_stays(fox: Image.Image) -> None:
    changed = edit([fox], "turn the red fox blue")
    assert "blue" in " ".join(name for name, _ in main_colours(changed.crop((90, 140, 150, 220))))
    assert changed.getpixel((20, 120)) == fox.getpixel((20, 120))


def test_an_addition_leaves_what_is_elsewhere_alone(fox: Image.Image) -> None:
    box = changed_box(fox, edit([fox], "add a hat"))
    assert box is not None
    assert box[3] < 130


def test_several_orders_are_carried_out_together(fox: Image.Image) -> None:
    both = edit([fox], "add a frame and make it greyscale")
    assert changed_box(both, edit([fox], "make it greyscale")) == (0, 0, 240, 240)


def test_removing_the_background_makes_it_transparent(fox: Image.Image) -> None:
    for changed in (edit([fox], "remove the background"), edit([fox], "keep it", background="transparent")):
        alpha = changed.getchannel("A")
        assert alpha.getpixel((2, 2)) == 0
        assert alpha.getpixel((120, 190)) == 255


def test_another_background_is_put_behind_the_subject(fox: Image.Image) -> None:
    changed = edit([fox], "change the background to a beach at sunset")
    assert changed_box(fox.crop((110, 170, 130, 200)), changed.crop((110, 170, 130, 200))) is None
    assert changed.getpixel((2, 2)) != fox.getpixel((2, 2))


def test_a_hole_is_mended_with_the_colours_around_it() -> None:
    wall = Image.new("RGB", (100, 100), (90, 140, 200))
    ImageDraw.Draw(wall).rectangle((40, 40, 60, 60), fill=(250, 20, 20))
    hole = Image.new("RGBA", (100, 100), (0, 0, 0, 255))
    ImageDraw.Draw(hole).rectangle((36, 36, 64, 64), fill=(0, 0, 0, 0))
    mended = edit([wall], "remove the square", mask=hole)
    assert max(ImageStat.Stat(ImageChops.difference(mended, Image.new("RGB", (100, 100), (90, 140, 200)))).mean) < 3


def test_several_pictures_become_a_collage(fox: Image.Image) -> None:
    red, blue = (Image.new("RGB", (80, 80), tone) for tone in ((220, 20, 20), (20, 20, 220)))
    sheet = edit([red, blue, fox], "make a collage", width=300, height=300)
    assert sheet.size == (300, 300)
    assert sheet.getpixel((70, 70)) == (220, 20, 20)
    assert sheet.getpixel((230, 70)) == (20, 20, 220)


def test_a_second_picture_is_set_into_the_mask(fox: Image.Image, mask: Image.Image) -> None:
    changed = edit([fox, Image.new("RGB", (60, 60), (220, 20, 20))], "put the second picture into the first", mask=mask)
    assert changed.getpixel((175, 70)) == (220, 20, 20)


def test_another_size_is_filled(fox: Image.Image) -> None:
    assert edit([fox], "brighter", width=300, height=200).size == (300, 200)


@pytest.mark.parametrize("width", [49, 98, 103, 107])
def test_a_size_that_the_width_does_not_divide_evenly_is_filled_too(width: int) -> None:
    """1024 / (1024 / 49) is more than 49 by a rounding of the last digit."""
    image = Image.new("RGB", (width, 40), "teal")
    assert edit([image], "brighter", width=1024, height=640).size == (1024, 640)


@pytest.fixture(scope="module")
def boat() -> Image.Image:
    return paint("a sailboat on the sea at sunset", width=480, height=480)


def reds_over_greens(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    red, green, _ = ImageStat.Stat(image.convert("RGB").crop(box)).mean
    return red - green


def test_the_whole_sky_takes_its_new_colour_and_the_sea_none(boat: Image.Image) -> None:
    changed = edit([boat], "make the sky green")
    for left in (0, 60, 360, 420):
        for top in (0, 60, 120, 180):
            assert reds_over_greens(changed, (left, top, left + 60, top + 60)) < -20, (left, top)
    assert changed_box(boat.crop((0, 300, 480, 480)), changed.crop((0, 300, 480, 480))) is None


@pytest.mark.parametrize("prompt", ["a red fox in snow at dusk", "a grey kitten on a white background", "a red apple"])
def test_no_patch_of_the_background_stays_when_it_is_removed(prompt: str) -> None:
    alpha = edit([paint(prompt, width=480, height=480)], "remove the background").getchannel("A")
    assert alpha.crop((200, 240, 280, 400)).getextrema()[1] == 255
    for box in ((0, 0, 480, 60), (0, 0, 60, 480), (420, 0, 480, 480), (0, 440, 480, 480)):
        assert alpha.crop(box).getextrema()[1] == 0, box


def test_a_picture_without_a_subject_loses_its_sky_with_its_background() -> None:
    alpha = edit([paint("mountains at sunrise", width=480, height=480)], "remove the background").getchannel("A")
    assert alpha.getpixel((240, 20)) == 0
    assert alpha.getpixel((240, 400)) == 255


def test_a_rainbow_spans_the_sky_without_gaps_and_behind_what_stands_there(boat: Image.Image) -> None:
    change = ImageChops.difference(boat, edit([boat], "add a rainbow")).convert("L")
    columns = [max(change.crop((x, 0, x + 4, 260)).tobytes()) for x in range(40, 440, 4)]
    assert sum(most > 40 for most in columns) > 0.95 * len(columns)
    assert change.crop((0, 290, 480, 480)).getextrema()[1] == 0


def test_a_sun_shows_before_a_pale_sky() -> None:
    pale = paint("a lighthouse on a summer morning", width=480, height=480)
    red, green, blue = ImageStat.Stat(
        ImageChops.difference(pale, edit([pale], "add a sun")).crop((340, 80, 390, 110))
    ).mean
    assert max(red, green, blue) > 60


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (2000, 12)])
@pytest.mark.parametrize("prompt", ["remove the background", "make the sky purple", "add a sun", "make it blue"])
def test_pictures_of_odd_shapes_are_borne(prompt: str, size: tuple[int, int]) -> None:
    assert edit([Image.new("RGB", size)], prompt).size == size
