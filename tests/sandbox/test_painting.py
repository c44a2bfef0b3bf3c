from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageStat

from lightbox_sandbox.colours import main_colours
from lightbox_sandbox.encoding import encode
from lightbox_sandbox.painter import paint, roughen
from lightbox_sandbox.painting.backdrops import BACKDROPS
from lightbox_sandbox.painting.brief import LEXICON, read
from lightbox_sandbox.painting.patterns import PATTERNS
from lightbox_sandbox.painting.styles import STYLES
from lightbox_sandbox.painting.subjects import SUBJECTS

if TYPE_CHECKING:
    from tests.conftest import Show

FOX = "a red fox in snow at dusk"


def difference(first: Image.Image, second: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(first.convert("RGB"), second.convert("RGB"))).mean)


def test_the_same_prompt_and_seed_give_the_same_pixels() -> None:
    first, second = (paint(FOX, width=200, height=160, seed=7) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_another_seed_gives_another_picture_of_the_same_prompt() -> None:
    assert difference(paint(FOX, width=200, height=160, seed=7), paint(FOX, width=200, height=160, seed=8)) > 1


def test_the_picture_has_the_size_asked_for_at_every_quality() -> None:
    for quality in ("low", "medium", "high", "auto"):
        assert paint("a boat", width=511, height=430, quality=quality).size == (511, 430)


def test_quality_shows_in_detail_and_not_in_the_composition() -> None:
    low, medium, high = (
        paint("a fox in the forest", width=480, height=480, quality=q) for q in ("low", "medium", "high")
    )
    assert low.tobytes() != medium.tobytes() != high.tobytes()
    small = [image.resize((24, 24), Image.Resampling.BOX) for image in (low, high)]  # pyright: ignore[reportUnknownMemberType] - Pillow names numpy, which we don't install
    assert difference(*small) < 30


def test_a_transparent_picture_is_clear_around_its_subject_and_solid_in_it() -> None:
    image = paint("a red apple", width=300, height=300, background="transparent")
    alpha = image.getchannel("A")
    assert image.mode == "RGBA"
    assert [alpha.getpixel(corner) for corner in ((0, 0), (299, 0), (0, 299), (299, 299))] == [0, 0, 0, 0]
    assert alpha.getpixel((150, 170)) == 255
    red, green, blue = ImageStat.Stat(image.convert("RGB").crop((140, 180, 160, 200))).mean
    assert red > green + 60
    assert red > blue + 60


def test_a_prompt_is_read_into_subject_colour_place_time_and_weather() -> None:
    brief = read("A red fox in snow at dusk, watercolor")
    assert [(named.name, named.colour) for named in brief.subjects] == [("fox", "red")]
    assert (brief.setting, brief.time, brief.weather, brief.styles) == ("snow", "dusk", "snow", ["watercolour"])


def test_a_chinese_prompt_is_read_as_well() -> None:
    brief = read("夕阳下海边的红色帆船")
    assert [(named.name, named.colour) for named in brief.subjects] == [("sailboat", "red")]
    assert (brief.setting, brief.time) == ("sea", "sunset")


def test_numbers_and_plurals_say_how_many() -> None:
    assert read("two elephants").subjects[0].count == 2
    assert read("penguins").subjects[0].count == 3
    assert read("a penguin").subjects[0].count == 1


def test_quoted_words_are_text_to_letter() -> None:
    assert read('a sign that says "OPEN"').text == "OPEN"


def test_night_is_darker_than_day_and_sunset_redder() -> None:
    day, night, sunset = (paint(f"mountains at {time}", width=160, height=120) for time in ("noon", "night", "sunset"))
    assert ImageStat.Stat(night.convert("L")).mean[0] < 0.5 * ImageStat.Stat(day.convert("L")).mean[0]
    red, _, blue = ImageStat.Stat(sunset).mean
    assert red > blue + 20


def test_a_named_colour_is_in_the_picture() -> None:
    names = [name for name, _ in main_colours(paint("a purple gem on a yellow background", width=200, height=200), 6)]
    assert {"purple", "lavender", "indigo", "mauve", "plum"} & set(names)
    assert {"yellow", "amber", "cream"} & set(names)


def test_words_that_nobody_knows_still_give_a_picture() -> None:
    image = paint("zxqv blorp", width=200, height=200)
    assert len(main_colours(image)) >= 2
    assert image.tobytes() != paint("blorp zxqv", width=200, height=200).tobytes()


def test_every_word_means_something_that_can_be_painted() -> None:
    places = {*BACKDROPS, *PATTERNS, "sand pattern", "dashboard"}
    for word, known in LEXICON.items():
        for kind, value in known:
            if kind == "subject":
                assert value in SUBJECTS, word
            elif kind == "setting":
                assert value in places or value.endswith("chart"), word
            elif kind == "style":
                assert value in {*STYLES, "minimal"}, word


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SUBJECTS, *BACKDROPS, *STYLES])
def test_everything_that_has_a_name_can_be_painted(name: str) -> None:
    image = paint(name, width=72, height=60, quality="low")
    assert image.size == (72, 60)
    assert len(image.getcolors(72 * 60) or []) > 10


def test_partial_images_come_nearer_to_the_picture() -> None:
    image = paint("a castle", width=240, height=200)
    distances = [difference(roughen(image, step, 3), image) for step in range(3)]
    assert distances[0] > distances[1] > distances[2] > 0


def test_partial_images_of_a_transparent_picture_stay_transparent() -> None:
    image = paint("a star", width=120, height=120, background="transparent")
    assert roughen(image, 0, 2).mode == "RGBA"


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "gif"])
def test_the_bytes_say_who_made_them_and_for_which_prompt(form: str) -> None:
    data = encode(paint("狐狸 & <fox>", width=40, height=30), form, None, prompt="狐狸 & <fox>")  # pyright: ignore[reportArgumentType] - each is a format
    with Image.open(io.BytesIO(data)) as file:
        file.load()
        assert file.format == form.upper()
        said = str(
            {
                key: value.decode() if isinstance(value, bytes) and key != "exif" else value
                for key, value in file.info.items()
            }
        )
    assert "Lightbox sandbox" in said
    assert "狐狸" in said


def test_compression_makes_a_jpeg_smaller() -> None:
    image = paint(FOX, width=200, height=160)
    assert len(encode(image, "jpeg", 20, prompt="")) < len(encode(image, "jpeg", 90, prompt=""))


def test_a_transparent_picture_becomes_a_jpeg_on_white() -> None:
    data = encode(paint("a star", width=60, height=60, background="transparent"), "jpeg", 95, prompt="")
    with Image.open(io.BytesIO(data)) as file:
        assert min(file.convert("L").getpixel((0, 0)), 255) > 245  # pyright: ignore[reportArgumentType] - a grey is one number


@pytest.mark.slow
def test_the_time_to_paint_is_told(show: Show) -> None:
    figures: list[str] = []
    for quality in ("low", "medium", "high"):
        begun = time.process_time()
        paint(FOX, width=1024, height=1024, quality=quality)
        figures.append(f"{quality} {time.process_time() - begun:.2f} s")
    show(f"Painting at 1024x1024, CPU time: {', '.join(figures)}")
