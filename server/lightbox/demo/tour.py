"""The tour through every tool: each call builds on what the one before it brought."""

from __future__ import annotations

import base64
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import BlobResourceContents

from lightbox.demo.shown import Shown, reduced
from lightbox.demo.step import Answer, Step, Story
from lightbox.demo.telling import write_page
from lightbox.errors import LightboxError, StorageFailed

Report = Callable[[str], None]

NOWHERE = "http://127.0.0.1:9/v1"
BUDGET = "0.01 USD/day"
QUERY = "boats and lighthouses by the sea"
PROMPT = "A red sailing boat on a calm sea at sunrise, in watercolour"
CHANGE = "Add a yellow hot-air balloon in the sky"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def run(out: Path, report: Report = print) -> None:
    """Call every tool of a server, and write a page that shows what was asked and what came back.

    The server is a process of its own, spoken to over stdio; it serves from the sandbox, so that nothing is billed and
    nothing leaves the machine. Its journal is thrown away afterwards; pictures and page stay in `out`.

    Raises:
        StorageFailed: The folder can't be made.
        LightboxError: A tool failed; the page is written all the same and shows how.
    """
    out = out.resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(
            f"{out} can't be used for the demo ({error.strerror}): choose another folder with --out."
        ) from None
    with tempfile.TemporaryDirectory(prefix="lightbox-demo-", ignore_cleanup_errors=True) as state:
        story = anyio.run(_tour, out, Path(state), report)
    page = write_page(out, story)
    report(
        f"\n{len({step.tool for step in story.steps})} tools in {story.seconds:.1f} s. Open the page: {page.as_uri()}"
    )
    failed = [step.tool for step in story.steps if step.failed]
    if failed:
        raise LightboxError(f"The demo's {', '.join(failed)} failed; {page} shows how.")


async def _tour(out: Path, state: Path, report: Report) -> Story:
    began = time.perf_counter()
    report("Lightbox, shown by a real MCP client: its server runs over stdio and serves from the embedded sandbox.")
    async with Client(_server(out, state)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        info = client.server_info
        server = f"{info.name} {info.version}" if info else "lightbox"
        protocol = client.protocol_version
        report(f"    {server}, MCP {protocol}, {len(tools)} tools  {_since(began)}")
        tour = Tour(client, tools, out, report)
        try:
            await tour.go()
        except LightboxError as error:
            report(f"    The tour ends here: {error}")
            tour.steps[-1].failed = True
    return Story(tour.steps, server, protocol, time.perf_counter() - began)


def _server(out: Path, state: Path) -> StdioServerParameters:
    """Start the server of this very environment, untouched by the user's own settings and keys."""
    own = ("LIGHTBOX_", "OPENAI_", "DASHSCOPE_", "OPENROUTER_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "lightbox", "--config", os.devnull, "serve"],
        env={
            **environment,
            "LIGHTBOX_PROVIDER": "sandbox",
            "LIGHTBOX_BUDGET": BUDGET,
            # A service whose prices are known, and that nothing reaches: the budget refuses the call before it is sent.
            "OPENAI_API_KEY": "none",
            "OPENAI_BASE_URL": NOWHERE,
            "LIGHTBOX_STATE_DIR": str(state),
            "LIGHTBOX_IMAGE_DIR": str(out / "pictures"),
            "LIGHTBOX_READ_DIRS": str(out),
            "LIGHTBOX_WAIT_SECONDS": "300",  # a busy machine shall show pictures too, not jobs
        },
        cwd=out,
    )


class Tour:
    """The steps in their order; what one brings (hits, a picture, a job) is what the next ones take."""

    def __init__(self, client: Client, tools: set[str], out: Path, report: Report) -> None:
        self.steps: list[Step] = []
        self._client = client
        self._tools = tools
        self._out = out
        self._report = report

    async def go(self) -> None:
        """Take every step whose tool the server lists."""
        hits = await self._search()
        await self._find_similar(hits[0])
        await self._view(hits)
        await self._save(hits[:3])
        made = await self._generate()
        edited = await self._edit(made)
        await self._transform(edited)
        await self._describe(made, edited)
        await self._estimate()
        await self._be_refused()
        await self._list()
        await self._look_back()

    async def _search(self) -> list[str]:
        step = await self._call(
            "search_images",
            "Find pictures by words. Every hit gets a handle that works in all other tools.",
            {"query": QUERY, "count": 9},
        )
        return await self._show_hits(step)

    async def _find_similar(self, handle: str) -> None:
        step = await self._call(
            "find_similar_images",
            "Find pictures that look like another one: here, like the first hit.",
            {"image": handle, "count": 6},
        )
        await self._show_hits(step)

    async def _view(self, handles: list[str]) -> None:
        step = await self._call(
            "view_images",
            "See many hits at once: the model chooses from one small, numbered contact sheet.",
            {"images": handles, "layout": "sheet", "title": "Boats and lighthouses"},
        )
        for sheet in step.answer.pictures:
            name = f"sheet.{_EXTENSIONS.get(sheet.mime_type, 'png')}"
            await anyio.Path(self._out / name).write_bytes(sheet.data)
            step.shown.append(replace(sheet, caption="Contact sheet, as the client received it", file=name))

    async def _save(self, handles: list[str]) -> None:
        step = await self._call(
            "save_images",
            "Keep what was chosen: the full pictures, in a folder of their own, with title and source in each file.",
            {"images": handles, "folder": "boats"},
        )
        step.layout = "grid"
        for file in sorted((self._out / "pictures" / "boats").iterdir()):
            if file.suffix != ".json":
                kept = Shown(await anyio.Path(file).read_bytes(), f"image/{file.suffix[1:]}", file.name)
                step.shown.append(reduced(replace(kept, file=file.relative_to(self._out).as_posix()), 420))

    async def _generate(self) -> str:
        step = await self._call(
            "generate_image",
            "Make a picture of any size: the model makes a larger one, and it is cut to the exact size here.",
            {"prompt": PROMPT, "size": "1920x1080", "quality": "medium"},
        )
        return await self._show_made(step, PROMPT)

    async def _edit(self, made: str) -> str:
        original = await self._full(made)
        step = await self._call(
            "edit_image",
            "Change a picture in one place: `area` says where, and the mask is made from it.",
            {"images": [made], "prompt": CHANGE, "area": "top right quarter"},
        )
        step.layout = "before and after"
        step.shown.append(reduced(replace(original, caption="Before"), 1100))
        return await self._show_made(step, "After")

    async def _transform(self, made: str) -> None:
        step = await self._call(
            "transform_image",
            "Cut a picture to measure and make it smaller, for nothing: a square WebP of at most 100 kB.",
            {"images": [made], "crop": "square", "size": "800x800", "format": "webp", "max_kilobytes": 100},
        )
        await self._show_made(step, "The middle of it, 800x800 px")

    async def _describe(self, *handles: str) -> None:
        await self._call(
            "describe_images",
            "Ask a vision model about pictures, with a question of your own.",
            {"images": list(handles), "question": "What differs between these two pictures?"},
        )

    async def _estimate(self) -> None:
        picture = {"prompt": PROMPT, "size": "1536x1024", "quality": "high"}
        await self._call(
            "estimate_cost",
            "What ten such pictures and a hundred searches would cost on the real services.",
            {
                "tool": "generate_image",
                "arguments": {**picture, "provider": "openai"},
                "times": 10,
                "more": [
                    {"tool": "search_images", "arguments": {"query": QUERY, "provider": "dashscope"}, "times": 100},
                    {"tool": "generate_image", "arguments": {**picture, "provider": "sandbox"}},
                ],
            },
        )

    async def _be_refused(self) -> None:
        step = await self._call(
            "generate_image",
            f"A budget that the server keeps: {BUDGET} is less than this call may cost, so nothing is sent.",
            {"prompt": PROMPT, "quality": "high", "provider": "openai"},
            refused=True,
        )
        step.title = "Stay within the budget"

    async def _list(self) -> None:
        step = await self._call(
            "list_images", "List what is kept: by words, by date, with what each cost.", {"origin": "made"}
        )
        await self._show_hits(step)

    async def _look_back(self) -> None:
        jobs = (step.answer.data.get("job_id") for step in self.steps)
        job = next((job for job in jobs if job), None)
        if job and "get_job" in self._tools:
            await self._call("get_job", "Get an earlier result again: nothing is paid twice.", {"job_id": job})
        if "get_spending" in self._tools:
            await self._call("get_spending", "See what was spent: every job is in the ledger.", {"period": "today"})

    async def _call(self, tool: str, why: str, arguments: Mapping[str, Any], *, refused: bool = False) -> Step:
        """Call a tool; where it has to be `refused`, anything else is a failure."""
        messages: list[str] = []

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            del progress, total
            if message:
                messages.append(message)
                self._report(f"      · {message}")

        began = time.perf_counter()
        step = Step(tool, why, arguments, Answer("", {}, (), failed=False), 0)
        self._report(f"\n{len(self.steps) + 1:>2}  {tool}  {step.asked}")
        result = await self._client.call_tool(tool, dict(arguments), progress_callback=hear)
        step.answer = Answer.of(result)
        step.refused = refused
        step.failed = step.answer.failed != refused
        step.seconds = time.perf_counter() - began
        step.messages = tuple(messages)
        self._report(f"    {'✗' if step.failed else '→'} {step.came}  {_since(began)}")
        self.steps.append(step)
        if step.failed and tool in {"search_images", "generate_image", "edit_image"}:
            raise LightboxError(step.answer.text)  # what follows would have nothing to stand on
        return step

    async def _show_hits(self, step: Step) -> list[str]:
        """Put the hits' own pictures on the step; give their handles."""
        step.layout = "grid"
        hits: list[dict[str, Any]] = step.answer.data["hits"]
        if not hits:
            raise LightboxError(f"{step.tool} found nothing: {step.answer.text}")
        for hit in hits:
            picture = await self._resource(f"lightbox://images/{hit['image']}")
            if picture is not None:
                size = f"{hit['width']}x{hit['height']} px" if hit.get("width") and hit.get("height") else ""
                caption = hit.get("title") or hit["image"]
                file = await self._kept(hit["image"], picture)
                step.shown.append(
                    reduced(replace(picture, caption=caption, note=size, handle=hit["image"], file=file), 420)
                )
        return [hit["image"] for hit in hits]

    async def _kept(self, handle: str, picture: Shown) -> str:
        """Put a hit's own picture beside the page: the sandbox, from which it comes, ends with the demo."""
        name = f"hits/{handle}.{_EXTENSIONS.get(picture.mime_type, 'png')}"
        path = anyio.Path(self._out / name)
        await path.parent.mkdir(exist_ok=True)
        await path.write_bytes(picture.data)
        return name

    async def _show_made(self, step: Step, caption: str) -> str:
        """Put the picture that a step made on it; give its handle."""
        handle = step.answer.handles[0]
        full = await self._full(handle)
        step.shown.append(reduced(replace(full, caption=caption), 1100))
        return handle

    async def _full(self, handle: str) -> Shown:
        """Give the full picture of a handle, with its file where that lies below the page's folder."""
        picture = await self._resource(f"lightbox://images/{handle}")
        if picture is None:
            raise LightboxError(f"lightbox://images/{handle} could not be read.")
        file = next((self._out / "pictures").rglob(f"*{handle}*"), None)
        return replace(picture, handle=handle, file=file.relative_to(self._out).as_posix() if file else None)

    async def _resource(self, uri: str) -> Shown | None:
        try:
            contents = (await self._client.read_resource(uri)).contents
        except MCPError:
            return None
        blobs = (content for content in contents if isinstance(content, BlobResourceContents))
        return next((Shown(base64.b64decode(blob.blob), blob.mime_type or "image/png") for blob in blobs), None)


def _since(began: float) -> str:
    return f"({time.perf_counter() - began:.1f} s)"
