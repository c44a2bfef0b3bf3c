"""Files that users name, and files that are written: nothing outside is read, and nothing is ever half there."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from lightbox.errors import BadReference, Forbidden, LightboxError
from lightbox.images.files import is_unfinished, read_given, remove_unfinished, write_new
from lightbox.images.picture import Picture

if TYPE_CHECKING:
    from tests.conftest import Show
    from tests.images.conftest import Painter, StoreMaker

    from lightbox.images.store import PictureStore

SECRET = b"\x89PNG\r\n\x1a\n the secret of another"
posix = pytest.mark.skipif(os.name == "nt", reason="pipes and links are POSIX's")


@pytest.fixture
def given(tmp_path: Path, painted: Painter) -> Path:
    """Make a folder that may be read, full of traps, beside one that may not."""
    folder, outside = tmp_path / "given", tmp_path / "outside"
    for made in (folder / "deep" / "deeper", outside / "inner"):
        made.mkdir(parents=True)
    for secret in (outside / "secret.png", outside / "inner" / "secret.png", tmp_path / "given-not" / "secret.png"):
        secret.parent.mkdir(exist_ok=True)
        secret.write_bytes(SECRET)
    for name in ("fox.png", "deep/fox.png", "föx 🦊.png", "~fox.png", "a'b.png"):
        (folder / name).write_bytes(painted())
    links = {
        "link.png": outside / "secret.png",
        "dangling.png": outside / "nothing.png",
        "loop.png": folder / "loop.png",
        "linked": outside,
        "deep/up": tmp_path,
        "proc.png": Path("/proc/self/environ"),
        "device.png": Path("/dev/zero"),
        "inside.png": folder / "fox.png",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket is short
        listening.bind("socket.png")
        os.chdir(here)
    return folder


def hostile(folder: Path) -> list[str]:
    """Name a hundred files that are not to be read."""
    outside = ["outside/secret.png", "outside/inner/secret.png", "given-not/secret.png", "outside/nothing.png"]
    ways = ["../{}", "deep/../../{}", "deep/deeper/../../../{}", "./.././{}", "..//{}", "linked/../{}", "deep/up/{}"]
    ways += ["deep/up/given/../{}", "no-such/../../{}", "fox.png/../../{}"]
    paths = [f"{folder}/{way.format(name)}" for way in ways for name in outside]
    paths += [f"file://{path}" for path in paths[:20]]
    paths += [f"file://{folder}/%2e%2e/{name}" for name in outside] + [f"{folder.parent}/{name}" for name in outside]
    system = [
        "/etc/passwd",
        "/etc/shadow",
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/self/cmdline",
        "/proc/1/maps",
    ]
    system += [
        "/dev/zero",
        "/dev/random",
        "/dev/stdin",
        "/dev/fd/0",
        "/dev/tty",
        "/proc/self/root/etc/passwd",
        "/",
        "//",
    ]
    system += ["/proc/self/fd/0", "/sys/kernel/notes", "//", "/proc/1/maps", "/../../etc/passwd", "file:/etc/passwd"]
    traps = ["link.png", "dangling.png", "loop.png", "linked/secret.png", "linked/inner/secret.png", "proc.png"]
    traps += ["device.png", "pipe.png", "socket.png", "deep", ".", "", "deep/", "fox.png/", "fox.png/x.png", "no.png"]
    traps += ["a" * 300 + ".png", "a/" * 2_000 + "x.png", "\u202egnp.xof", "fox.png ", "．．/outside/secret.png"]
    other = ["~root/secret.png", "~nobody/x.png", "~root", "~no-such-person/x.png", "file:~root/x.png", "./~root/x.png"]
    other += [f"{folder}/fox.png\0", f"{folder}/\0/../fox.png", "\0", f"{folder}/\ud83d.png"]
    return [*paths, *system, *(f"{folder}/{trap}" for trap in traps), *other]


@posix
@pytest.mark.parametrize("form", ["stdio", "HTTP", "HTTP with folders"])
async def test_a_hundred_paths_lead_nowhere(make_store: StoreMaker, given: Path, show: Show, form: str) -> None:
    store = make_store(read_dirs=[] if form == "HTTP" else [given], shows_paths=form == "stdio")
    paths = hostile(given)
    assert len(paths) >= 100
    read: list[str] = []
    for path in paths:
        with anyio.fail_after(5):
            try:
                await store.resolve("me", path)
            except LightboxError as error:
                said = str(error).replace(path.strip().removeprefix("file://"), "")
                assert "secret of another" not in said
                assert form == "stdio" or str(Path.home()) not in said, (path, said)
                assert form == "stdio" or str(given.parent / "outside") not in said or "outside" in path, (path, said)
            else:
                read.append(path)
    show(f"{len(paths)} hostile paths over {form}: {len(read)} read, each of them given/fox.png")
    assert {Path(path.strip()).name for path in read} <= {"fox.png"}  # with a slash or a blank behind it
    assert form != "HTTP" or not read


@posix
@pytest.mark.parametrize("name", ["fox.png", "deep/fox.png", "föx 🦊.png", "a'b.png", "inside.png", "~fox.png"])
async def test_what_is_below_the_folder_is_read(store: PictureStore, given: Path, name: str) -> None:
    picture = await store.resolve("me", str(given / name))
    assert isinstance(picture, Picture)


async def test_over_http_nothing_tells_where_the_server_keeps_its_files(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    store = make_store(shows_paths=False)
    for path in ("~/fox.png", "/etc/passwd", "fox.png", "../fox.png"):
        with pytest.raises(LightboxError) as refused:
            await store.resolve("me", path)
        assert str(tmp_path) not in str(refused.value)
        assert str(Path.home()) not in str(refused.value)
    (tmp_path / "images").touch()
    kept = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert str(tmp_path) not in (kept.note or "the note")
    assert kept.path is not None
    kept.path.unlink()
    with pytest.raises(BadReference, match="is gone or was changed") as gone:
        await store.open(kept)
    assert str(tmp_path) not in str(gone.value)


@posix
def test_a_link_put_there_after_the_check_is_not_followed(tmp_path: Path, show: Show) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "real").mkdir(parents=True)
    outside.mkdir()
    (inside / "real" / "fox.png").write_bytes(b"fox")
    (outside / "fox.png").write_bytes(SECRET)
    over = threading.Event()

    def swap() -> None:
        """Let `here` be now the folder inside, now a link to the one outside."""
        here = inside / "here"
        while not over.is_set():
            (inside / "real").rename(here)
            here.rename(inside / "real")
            here.symlink_to(outside)
            here.unlink()

    thread = threading.Thread(target=swap)
    thread.start()
    told: dict[str, int] = {}
    until = time.monotonic() + 3
    while time.monotonic() < until:
        try:
            _, data = read_given(inside / "here" / "fox.png", [inside], 1_000)
            kind = "read"
            assert data == b"fox"
        except (Forbidden, BadReference) as error:
            kind = type(error).__name__
        told[kind] = told.get(kind, 0) + 1
    over.set()
    thread.join()
    show(f"a folder swapped for a link while it is read: {told}")


@posix
@pytest.mark.parametrize("trap", ["a pipe", "a folder", "a device", "an endless file", "a link to a pipe"])
async def test_a_made_picture_that_was_replaced_is_named_at_once(
    store: PictureStore, painted: Painter, tmp_path: Path, trap: str
) -> None:
    kept = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert kept.path is not None
    kept.path.unlink()
    match trap:
        case "a pipe":
            os.mkfifo(kept.path)
        case "a folder":
            kept.path.mkdir()
        case "a device":
            kept.path.symlink_to("/dev/zero")
        case "an endless file":
            with kept.path.open("wb") as file:
                file.truncate(2**40)
        case _:
            os.mkfifo(tmp_path / "pipe")
            kept.path.symlink_to(tmp_path / "pipe")
    with anyio.fail_after(2), pytest.raises(BadReference, match="is gone or was changed"):
        await store.open(kept)


WRITER = """
import sys
from pathlib import Path
from lightbox.images.files import write_new
print("ready", flush=True)
while True:
    write_new(Path(sys.argv[1]), "fox.png", b"x" * 3_000_000 + b"end")
"""


@posix
@pytest.mark.slow
def test_whoever_is_killed_leaves_no_half_picture(tmp_path: Path, show: Show) -> None:
    whole = hidden = 0
    for number in range(20):
        folder = tmp_path / str(number)
        command = [sys.executable, "-c", WRITER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.01 + number * 0.007)  # at any moment
            process.send_signal(signal.SIGKILL)
        for file in folder.iterdir() if folder.exists() else ():
            if is_unfinished(file.name):
                hidden += 1
                continue
            whole += 1
            assert file.read_bytes().endswith(b"end")
            assert file.stat().st_size == 3_000_003
    show(f"20 writers killed: {whole} whole pictures, 0 half ones, {hidden} hidden left")
    assert whole


FULL = """
import resource, signal, sys
from pathlib import Path
from lightbox.images.files import write_new
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_new(Path(sys.argv[1]), "fox.png", b"x" * 3_000_000)
except OSError as error:
    print(error.strerror)
"""


@posix
def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / "images")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "too large" in answer.stdout
    assert list((tmp_path / "images").iterdir()) == []


def test_what_a_killed_writer_left_goes_after_a_day_and_nothing_else(tmp_path: Path) -> None:
    names = [".0123456789abcdef.part", ".mine.part", "fox.png", "0123456789abcdef.part"]
    for name in names:
        (tmp_path / name).touch()
    now = time.time()
    assert remove_unfinished(tmp_path, now - 86_400) == 0
    assert remove_unfinished(tmp_path, now + 1) == 1
    assert {file.name for file in tmp_path.iterdir()} == set(names[1:])


def test_two_writers_of_one_name_both_keep_their_pictures(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=partial(write_new, tmp_path, "fox.png", bytes([shade]) * 100_000))
        for shade in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = list(tmp_path.iterdir())
    assert len(files) == 16
    assert len({file.read_bytes()[:1] for file in files}) == 16
    assert not any(stat.S_IMODE(file.stat().st_mode) & 0o111 for file in files)
