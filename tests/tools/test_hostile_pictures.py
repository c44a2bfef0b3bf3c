"""Pictures made to harm: each is answered in time and in bounded memory, and none keeps an innocent one waiting."""

from __future__ import annotations

import base64
import os
import random
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from PIL import Image

from lightbox.images import rendering

if TYPE_CHECKING:
    from tests.conftest import Answer, Ask, Connect, MakeSettings, Show

PATIENCE = 60
"""Seconds after which an answer counts as never given: four times what a picture may take."""
SERVER_MEMORY = 600_000_000  # bytes
WORKER_MEMORY = 1_500_000_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]


def saved(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    buffer = BytesIO()
    Image.effect_noise(size, 90).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes = b"", *, length: int | None = None, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body) if length is None else length) + kind + body + struct.pack(">I", crc)


def png(
    width: int = 64,
    height: int = 48,
    depth: int = 8,
    colour: int = 2,
    *rest: bytes,
    packing: int = 0,
    filtering: int = 0,
    interlace: int = 0,
    pixels: bytes | None = None,
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, packing, filtering, interlace)
    packed = zlib.compress(bytes(20_000)) if pixels is None else pixels
    body = b"".join(rest) + chunk(b"IDAT", packed) + chunk(b"IEND")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body


def lying_jpeg(data: bytes, width: int, height: int) -> bytes:
    """Put another size into the frame's header."""
    place = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return data[: place + 5] + struct.pack(">HH", height, width) + data[place + 9 :]


def many_scans(count: int, width: int, height: int) -> bytes:
    """Repeat the last scan of a progressive JPEG."""
    data = saved("JPEG", progressive=True)
    last = data.rfind(b"\xff\xda")
    return lying_jpeg(data[:-2] + data[last:-2] * count + data[-2:], width, height)


def segments(marker: int, body: bytes, count: int) -> bytes:
    data = saved("JPEG")
    return data[:2] + (bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body) * count + data[2:]


def exif(entries: int, count: int, size: int) -> bytes:
    """Make EXIF data of which every tag claims the same bytes."""
    tags = b"".join(struct.pack("<HHII", tag, 7, count, 8) for tag in range(entries))
    return (b"II\x2a\0\x08\0\0\0" + struct.pack("<H", entries) + tags + bytes(4)).ljust(size, b"x")


def gif(*blocks: bytes, size: tuple[int, int] = (64, 48)) -> bytes:
    return b"GIF89a" + struct.pack("<HH", *size) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + b"".join(blocks) + b";"


def gif_frame(
    width: int, height: int, data: bytes = b"\x02\x16\x8c\x2d\x99\x87\x2a\x1c\xdc\x33\xa0\x02\x75\0"
) -> bytes:
    return b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + data


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def lossless(width: int, height: int, rest: bytes = bytes(8)) -> tuple[bytes, bytes]:
    return b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + rest


def canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + size


def bmp(width: int, height: int, bits: int = 24, packing: int = 0, body: bytes = bytes(64), header: int = 40) -> bytes:
    head = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, packing, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(body), 0, 0, 54) + head + body


def tiff(width: int, height: int, *entries: tuple[int, int, int, int], after: int = 0, rest: bytes = b"") -> bytes:
    usual = {256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 273: (4, 1, 8)}
    usual |= {tag: (kind, count, value) for tag, kind, count, value in entries}
    tags = b"".join(struct.pack("<HHII", tag, *usual[tag]) for tag in sorted(usual))
    return b"II\x2a\0\x08\0\0\0" + struct.pack("<H", len(usual)) + tags + struct.pack("<I", after) + rest


def strips(count: int) -> bytes:
    """Make a TIFF of one px a row and a strip a row: nothing of it is odd but how long it takes."""
    place = 8 + 2 + 9 * 12 + 4
    where = ((273, 4, count, place), (277, 3, 1, 1), (278, 4, 1, 1), (279, 3, count, place + 4 * count))
    return tiff(1, count, *where, rest=struct.pack("<I", 8) * count + struct.pack("<H", 1) * count)


def heif(brand: bytes, width: int, height: int, body: bytes = b"") -> bytes:
    return (
        b"\0\0\0\x18ftyp"
        + brand
        + b"\0\0\0\0mif1"
        + brand
        + b"\0\0\0\x14ispe\0\0\0\0"
        + struct.pack(">II", width, height)
        + body
    )


def patched(data: bytes, place: int, news: bytes) -> bytes:
    return data[:place] + news + data[place + len(news) :]


def noise(count: int) -> bytes:
    return random.Random(count).randbytes(count)  # noqa: S311 - the same for every run, and no secret


def corpus() -> dict[str, Callable[[], bytes]]:
    """Name every hostile picture, with what makes it."""
    zeros = zlib.compress(bytes(100_000_000), 9)
    made: dict[str, Callable[[], bytes]] = {
        "PNG bomb of 900 MP": lambda: png(30_000, 30_000),
        "PNG of 2^31 px a side": lambda: png(2**31 - 1, 2**31 - 1),
        "PNG of no width": lambda: png(0, 48),
        "PNG bomb of 50 MP": lambda: png(10_000, 5_000, pixels=zlib.compress(bytes(150_005_000), 9)),
        "PNG bomb of 50 MP, 16 bits": lambda: png(10_000, 5_000, 16, 6, pixels=zlib.compress(bytes(400_005_000), 1)),
        "PNG bomb, interlaced": lambda: png(7_000, 7_000, interlace=1, pixels=zlib.compress(bytes(147_100_000), 9)),
        "PNG one px high": lambda: png(49_000_000, 1, 8, 0, pixels=zlib.compress(bytes(49_000_001), 9)),
        "PNG one px wide": lambda: png(1, 49_000_000, 8, 0, pixels=zlib.compress(bytes(98_000_000), 9)),
        "PNG of depth 3": lambda: png(64, 48, 3),
        "PNG of colour type 5": lambda: png(64, 48, 8, 5),
        "PNG of unknown packing": lambda: png(packing=7),
        "PNG of unknown interlace": lambda: png(interlace=9),
        "PNG of 1,500,000 empty chunks": lambda: png(64, 48, 8, 2, chunk(b"teXt") * 1_500_000),
        "PNG text bomb": lambda: png(64, 48, 8, 2, chunk(b"zTXt", b"a\0\0" + zeros)),
        "PNG of 40 text bombs": lambda: png(64, 48, 8, 2, chunk(b"zTXt", b"a\0\0" + zeros) * 40),
        "PNG profile bomb": lambda: png(64, 48, 8, 2, chunk(b"iCCP", b"a\0\0" + zeros)),
        "PNG profile of 19 MB": lambda: png(64, 48, 8, 2, chunk(b"iCCP", b"a\0\0" + noise(19_000_000))),
        "PNG EXIF of 60,000 tags": lambda: png(64, 48, 8, 2, chunk(b"eXIf", exif(60_000, 5_000_000, 10_000_000))),
        "PNG whose chunk claims 2 GB": lambda: png(64, 48, 8, 2, chunk(b"teXt", b"x", length=2**31 - 1)),
        "PNG of wrong checksums": lambda: png(64, 48, 8, 2, chunk(b"teXt", b"a\0b", crc=1)),
        "PNG of wrong data": lambda: png(pixels=b"not packed"),
        "PNG cut off": lambda: saved("PNG")[:900],
        "PNG without palette": lambda: png(64, 48, 8, 3),
        "APNG of a million frames": lambda: png(64, 48, 8, 2, chunk(b"acTL", struct.pack(">II", 10**6, 0))),
        "APNG of endless controls": lambda: png(
            64, 48, 8, 2, chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", bytes(26)) * 100_000
        ),
        "JPEG of 700 scans, 48 MP": lambda: many_scans(700, 8_000, 6_000),
        "JPEG of 30 scans, 48 MP": lambda: many_scans(30, 8_000, 6_000),
        "JPEG of 2,000 scans, 1 MP": lambda: many_scans(2_000, 1_000, 1_000),
        "JPEG of 4,000 scans, tiny": lambda: many_scans(4_000, 64, 48),
        "JPEG of 65535x65535": lambda: lying_jpeg(saved("JPEG"), 65_535, 65_535),
        "JPEG that lies, 48 MP": lambda: lying_jpeg(saved("JPEG"), 8_000, 6_000),
        "JPEG of no height": lambda: lying_jpeg(saved("JPEG"), 64, 0),
        "JPEG of 19 MB of markers": lambda: saved("JPEG")[:2] + b"\xff\x01" * 9_500_000 + saved("JPEG")[2:],
        "JPEG of 19 MB of padding": lambda: saved("JPEG")[:2] + b"\xff" * 19_000_000 + saved("JPEG")[2:],
        "JPEG of 19 MB of FF in its scan": lambda: saved("JPEG")[:-2] + b"\xff" * 19_000_000 + b"\xff\xd9",
        "JPEG of 19 MB of stuffing": lambda: saved("JPEG")[:-2] + b"\xff\0" * 9_500_000 + b"\xff\xd9",
        "JPEG of a million comments": lambda: segments(0xFE, b"", 1_000_000),
        "JPEG of 290 profiles": lambda: segments(0xE2, b"ICC_PROFILE\0\1\xff" + noise(65_000), 290),
        "JPEG EXIF of 5,000 tags": lambda: segments(0xE1, b"Exif\0\0" + exif(5_000, 64_000, 65_000), 1),
        "JPEG EXIF in a circle": lambda: segments(0xE1, b"Exif\0\0" + exif(1, 4, 60), 300),
        "JPEG of 280 MB of XMP claims": lambda: segments(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<" * 65_000, 250),
        "JPEG cut off": lambda: saved("JPEG")[:700],
        "JPEG of a wrong table": lambda: saved("JPEG").replace(b"\xff\xc4", b"\xff\xc5", 1),
        "JPEG of 12 bits": lambda: saved("JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c", 1),
        "JPEG in CMYK, 48 MP": lambda: lying_jpeg(saved("JPEG", mode="CMYK"), 8_000, 6_000),
        "WebP of 34 bytes, 268 MP": lambda: webp(lossless(16_383, 16_383)),
        "WebP of 34 bytes, 49 MP": lambda: webp(lossless(7_000, 7_000)),
        "WebP whose canvas lies": lambda: webp(canvas(64, 48), lossless(16_383, 16_383)),
        "WebP of a huge canvas": lambda: webp(canvas(16_000_000, 16_000_000), lossless(64, 48)),
        "WebP, animated, 49 MP": lambda: webp(canvas(7_000, 7_000, 2), (b"ANIM", bytes(6)), (b"ANMF", bytes(24))),
        "WebP of 100,000 frames": lambda: webp(
            canvas(64, 48, 2), (b"ANIM", bytes(6)), *[(b"ANMF", bytes(16) + b"VP8L" + bytes(8))] * 100_000
        ),
        "WebP EXIF of 60,000 tags": lambda: patched(
            webp(canvas(64, 48, 8), lossless(64, 48), (b"EXIF", exif(60_000, 5_000_000, 9_000_000))), 4, b"\0\0\x90\0"
        ),
        "WebP cut off": lambda: saved("WEBP")[:200],
        "WebP of noise": lambda: webp(lossless(4_000, 4_000, noise(5_000_000))),
        "GIF of endless frames": lambda: gif(gif_frame(10, 10) * 500_000),
        "GIF of 19 MB of comments": lambda: gif(b"!\xfe" + (b"\xff" + b"a" * 255) * 74_000 + b"\0", gif_frame(10, 10)),
        "GIF of 4 million comments": lambda: gif(b"!\xfe\0" * 4_000_000, gif_frame(10, 10)),
        "GIF whose frame is 4 GP": lambda: gif(gif_frame(65_535, 65_535), size=(1, 1)),
        "GIF of 4 GP": lambda: gif(gif_frame(10, 10), size=(65_535, 65_535)),
        "GIF of 49 MP": lambda: gif(gif_frame(7_000, 7_000), size=(7_000, 7_000)),
        "GIF without frames": gif,
        "GIF that never ends": lambda: saved("GIF")[:300],
        "BMP of 2^31 px": lambda: bmp(2**31 - 1, 1),
        "BMP upside down, 2^31": lambda: bmp(64, -(2**31)),
        "BMP of 49 MP, empty": lambda: bmp(7_000, 7_000),
        "BMP of 49 MP in runs": lambda: bmp(7_000, 7_000, 8, 1, b"\x01\x05" * 9_000_000),
        "BMP of 1.9 MP in runs": lambda: bmp(950, 2_000, 8, 1, b"\x01\x05" * 1_900_000),
        "BMP of 77 bits": lambda: bmp(64, 48, 77),
        "BMP of unknown packing": lambda: bmp(64, 48, 24, 99),
        "BMP whose header is 124 long": lambda: bmp(64, 48, header=124),
        "TIFF that loops": lambda: tiff(64, 48, after=8),
        "TIFF of 65,535 tags": lambda: exif(65_000, 5_000_000, 9_000_000),
        "TIFF of 60,000 channels": lambda: tiff(4_000, 4_000, (277, 3, 1, 60_000)),
        "TIFF of 49 MP, nowhere": lambda: tiff(7_000, 7_000, (273, 4, 1, 2**31)),
        "TIFF of 2^32 px": lambda: tiff(2**32 - 1, 2**32 - 1),
        "TIFF of 100,000 strips": lambda: strips(100_000),
        "TIFF, packed, cut off": lambda: saved("TIFF", compression="tiff_lzw")[:-900],
        "TIFF of huge tiles": lambda: tiff(64, 48, (322, 4, 1, 2**31 - 1), (323, 4, 1, 2**31 - 1), (324, 4, 1, 8)),
        "TIFF of floats, 40 MP": lambda: tiff(8_000, 5_000, (258, 3, 1, 32), (339, 3, 1, 3)),
        "AVIF stub": lambda: heif(b"avif", 64, 48),
        "AVIF of 4 GP": lambda: heif(b"avif", 65_535, 65_535),
        "AVIF of noise": lambda: heif(b"avif", 640, 480, noise(1_000_000)),
        "AVIF cut off": lambda: saved("AVIF")[:-300],
        "AVIF that lies": lambda: saved("AVIF", (640, 480)).replace(
            struct.pack(">II", 640, 480), struct.pack(">II", 8, 8)
        ),
        "HEIC stub": lambda: heif(b"heic", 4_032, 3_024),
        "HEIC of 19 MB of extents": lambda: heif(b"heic", 64, 48, b"ispe\0\0\0\0" * 2_400_000),
        "polyglot of PNG and HTML": lambda: saved("PNG") + b"<html><script>alert(1)</script>",
        "polyglot of GIF and JavaScript": lambda: b"GIF89a/*" + bytes(40) + b"*/=1;alert(1)",
        "polyglot of JPEG and ZIP": lambda: saved("JPEG") + b"PK\x03\x04" + noise(100_000),
        "SVG bomb": lambda: b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        "PDF": lambda: b"%PDF-1.7\n" + noise(1_000),
        "21 MB": lambda: saved("PNG") + bytes(21_000_000),
        "nothing": lambda: b"",
    }
    return made


def children(parent: int) -> Iterator[int]:
    """Give the processes that another has started."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                told = (entry / "stat").read_text()
            except OSError:
                continue
            if int(told.rpartition(")")[2].split()[1]) == parent:
                yield int(entry.name)


def peak(process: int) -> int:
    """Give the most memory in bytes that a process held since `forget_peak`, or 0 where it is gone."""
    try:
        told = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("VmHWM")), 0)


def server_process() -> int:
    [process] = [child for child in children(os.getpid()) if b"-mlightbox" in _command(child)]
    return process


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b"")
    except OSError:
        return b""


async def test_every_hostile_picture_is_answered_in_time_and_in_bounded_memory(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, show: Show
) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    innocent = folder / "innocent.webp"
    innocent.write_bytes(saved("WEBP", (640, 480)))
    hostile = corpus()
    assert len(hostile) >= 60
    lines: list[str] = []
    workers, spent_all = 0, 0.0
    async with connect(settings(read_dirs=(folder,)), "stdio") as client:
        assert not (await ask(client, "view_images", images=[str(innocent)])).failed
        server = server_process()
        for number, name in enumerate(hostile):
            file = folder / f"{number}.bin"
            file.write_bytes(hostile[name]())
            began = time.perf_counter()
            with anyio.fail_after(PATIENCE):
                answer = await ask(client, "view_images", images=[str(file)])
            spent = time.perf_counter() - began
            held = max(map(peak, children(server)), default=0)
            workers = max(workers, held)
            said = answer.text.partition("preview: ")[2] or answer.text
            told = "refused" if answer.failed or "left out" in said else "shown"
            spent_all += spent
            lines.append(f"{name:32} {spent:6.2f} s  worker {held / 1e6:5.0f} MB  {told}: {_short(said, file)}")
            file.unlink()
        assert not (await ask(client, "view_images", images=[str(innocent)])).failed
        memory = peak(server)
    show(
        "\n".join(lines)
        + f"\n{len(hostile)} hostile pictures in {spent_all:.1f} s: server at most {memory / 1e6:.0f} MB, "
        f"a worker at most {workers / 1e6:.0f} MB"
    )
    assert memory < SERVER_MEMORY
    assert workers < WORKER_MEMORY


def _short(said: str, file: Path) -> str:
    return " ".join(said.replace(str(file), "it").split())[:110]


async def test_an_innocent_picture_is_shown_while_hostile_ones_are_given_up(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, show: Show
) -> None:
    """Three million strips of one px each: no inspection finds anything wrong with that."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.tif").write_bytes(strips(3_200_000 + number))
    (folder / "innocent.webp").write_bytes(saved("WEBP", (640, 480)))
    (folder / "large.jpg").write_bytes(saved("JPEG", (4_000, 3_000)))
    answers: list[tuple[float, Answer]] = []
    innocents: list[float] = []
    began = time.perf_counter()

    async def hostile(client: Any) -> None:
        files = [str(folder / f"{number}.tif") for number in range(2)]
        answer = await ask(client, "view_images", images=files, layout="each")
        answers.append((time.perf_counter() - began, answer))

    async with connect(settings(read_dirs=(folder,)), "stdio") as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hostile, client)
            await anyio.sleep(1)  # until both are being decoded
            for name in ("innocent.webp", "large.jpg") * 2:
                asked = time.perf_counter()
                assert not (await ask(client, "view_images", images=[str(folder / name)])).failed
                innocents.append(time.perf_counter() - asked)
            assert not answers, "the hostile pictures are not slow"
        [(spent, answer)] = answers
        assert answer.text.count("preview: left out") == 2, answer.text
        assert spent < 2 * 15, "the second picture waited for the first"
        server = server_process()
        with anyio.fail_after(5):  # those that were killed are gone
            while any(  # noqa: ASYNC110 - the system tells nobody
                b"lightbox.images.worker" not in _command(child) for child in children(server)
            ):
                await anyio.sleep(0.05)
    show(
        f"innocent pictures beside two that are given up after {spent:.1f} s: "
        + ", ".join(f"{spent:.2f} s" for spent in innocents)
    )


async def test_a_worker_ends_with_the_call_that_it_works_for() -> None:
    """So does it with the server: a call that is cancelled, by whomever, leaves nothing behind that runs."""
    before = set(children(os.getpid()))
    with anyio.move_on_after(2) as time_for_it:
        await rendering.preview(strips(2_000_000))
    assert time_for_it.cancelled_caught
    with anyio.fail_after(5):
        while set(children(os.getpid())) - before:  # noqa: ASYNC110 - the system tells nobody
            await anyio.sleep(0.05)


def test_a_worker_ends_when_its_server_was_killed() -> None:
    """What is idle reads the end of its input."""
    program = "import anyio; from lightbox.images import rendering; import os, signal\n"
    program += "anyio.run(lambda: rendering.preview(open(0, 'rb').read())); print(rendering._idle[0].pid, flush=True)\n"
    program += "os.kill(os.getpid(), signal.SIGKILL)"
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, input=saved("WEBP"), capture_output=True, check=False, timeout=30)
    worker = int(answer.stdout)
    until = time.monotonic() + 5
    while _command(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _command(worker)


async def test_a_hostile_picture_is_refused_in_other_tools_too(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    scans = "data:image/jpeg;base64," + base64.b64encode(many_scans(700, 8_000, 6_000)).decode()
    async with connect(settings()) as client:
        for tool, arguments in (
            ("describe_images", {"images": [scans]}),
            ("edit_image", {"images": [scans], "prompt": "at night"}),
            ("find_similar_images", {"image": scans}),
        ):
            answer = await ask(client, tool, **arguments)
            assert answer.failed
            assert "built up in" in answer.text
