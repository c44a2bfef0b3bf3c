"""The commands for pictures, as a person types them: each is one call of a tool, and what becomes of its answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from lightbox.commands.calling import called, settings_of
from lightbox.commands.options import (
    Analysis,
    Compression,
    Count,
    DryRun,
    Force,
    Form,
    Format,
    Ground,
    Images,
    Json,
    MinSide,
    Model,
    NoCheck,
    NoPictures,
    Number,
    Open,
    Output,
    PictureQuality,
    Prompt,
    Provider,
    Shape,
    Size,
    Words,
    Yes,
    references,
    tools,
)
from lightbox.commands.wishes import PictureForm, Wishes
from lightbox.vocabulary import Detail, Fidelity

PICTURES = "Pictures"
TOOLS = "Tools"


def find(
    ctx: typer.Context,
    words: Words,
    *,
    count: Count = None,
    shape: Shape = None,
    min_side: MinSide = None,
    analysis: Analysis = False,
    no_check: NoCheck = False,
    provider: Provider = None,
    model: Model = None,
    open_it: Open = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """Find pictures on the web by words."""
    arguments = _given(
        query=" ".join(words),
        count=count,
        shape=shape,
        min_side=min_side,
        analysis=analysis or None,
        check=False if no_check else None,
        provider=provider,
        model=model,
    )
    wishes = Wishes(as_json=as_json, pictures=_form(pictures, no_pictures), yes=yes, dry_run=dry_run, open=open_it)
    return _perform(ctx, "search_images", arguments, wishes)


def similar(
    ctx: typer.Context,
    image: Annotated[
        str,
        typer.Argument(metavar="IMAGE", help="A file, a URL, a handle (img_…), or -.", autocompletion=references),
    ],
    *,
    about: Annotated[str | None, typer.Option(metavar="TEXT", help="What matters in it.")] = None,
    count: Count = None,
    shape: Shape = None,
    min_side: MinSide = None,
    analysis: Analysis = False,
    no_check: NoCheck = False,
    provider: Provider = None,
    model: Model = None,
    open_it: Open = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """Find pictures on the web that look like one."""
    arguments = _given(
        image=image,
        about=about,
        count=count,
        shape=shape,
        min_side=min_side,
        analysis=analysis or None,
        check=False if no_check else None,
        provider=provider,
        model=model,
    )
    wishes = Wishes(as_json=as_json, pictures=_form(pictures, no_pictures), yes=yes, dry_run=dry_run, open=open_it)
    return _perform(ctx, "find_similar_images", arguments, wishes)


def make(
    ctx: typer.Context,
    prompt: Prompt,
    *,
    output: Output = None,
    size: Size = None,
    quality: PictureQuality = None,
    count: Number = None,
    form: Format = None,
    background: Ground = None,
    compression: Compression = None,
    provider: Provider = None,
    model: Model = None,
    force: Force = False,
    open_it: Open = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """Make a picture from words."""
    arguments = _given(
        prompt=" ".join(prompt),
        size=size,
        quality=quality,
        count=count,
        format=form,
        background=background,
        compression=compression,
        provider=provider,
        model=model,
    )
    wishes = Wishes(
        as_json=as_json,
        pictures=_form(pictures, no_pictures),
        yes=yes,
        dry_run=dry_run,
        output=output,
        force=force,
        open=open_it,
    )
    return _perform(ctx, "generate_image", arguments, wishes)


def edit(
    ctx: typer.Context,
    images: Images,
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="What to change, and what to leave.")],
    *,
    output: Output = None,
    area: Annotated[
        str | None,
        typer.Option(metavar="WHERE", help="Change it only there: 'left third', '120,80,400,300', '10%,20%,50%,30%'."),
    ] = None,
    mask: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="A picture that is transparent (or white) where it may change.")
    ] = None,
    fidelity: Annotated[
        Fidelity | None, typer.Option(metavar="HOW", help="low or high: how close to stay to it; older models only.")
    ] = None,
    size: Size = None,
    quality: PictureQuality = None,
    count: Number = None,
    form: Format = None,
    background: Ground = None,
    compression: Compression = None,
    provider: Provider = None,
    model: Model = None,
    force: Force = False,
    open_it: Open = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """Change a picture, or put several together, as told by words. The original stays."""
    arguments = _given(
        images=images,
        prompt=prompt,
        area=area,
        mask=mask,
        fidelity=fidelity,
        size=size,
        quality=quality,
        count=count,
        format=form,
        background=background,
        compression=compression,
        provider=provider,
        model=model,
    )
    wishes = Wishes(
        as_json=as_json,
        pictures=_form(pictures, no_pictures),
        yes=yes,
        dry_run=dry_run,
        output=output,
        force=force,
        open=open_it,
    )
    return _perform(ctx, "edit_image", arguments, wishes)


def show(
    ctx: typer.Context,
    images: Images,
    *,
    layout: Annotated[
        Literal["auto", "sheet", "each"] | None,
        typer.Option(metavar="HOW", help="sheet: one numbered picture of all; each: one by one; auto."),
    ] = None,
    max_side: Annotated[int | None, typer.Option(metavar="PX", help="Longest side of a picture by itself.")] = None,
    open_it: Open = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """Look at pictures, for nothing: here where the terminal can show them, or with --open."""
    arguments = _given(images=images, layout=layout, max_side=max_side)
    wishes = Wishes(as_json=as_json, pictures=_form(pictures, no_pictures), open=open_it)
    return _perform(ctx, "view_images", arguments, wishes)


def describe(
    ctx: typer.Context,
    images: Images,
    *,
    question: Annotated[str | None, typer.Option("--question", "-q", metavar="TEXT", help="What to tell.")] = None,
    detail: Annotated[
        Detail | None, typer.Option(metavar="HOW", help="How closely to look: low (cheapest), high, original or auto.")
    ] = None,
    provider: Provider = None,
    model: Model = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Let a vision model tell what is in pictures."""
    arguments = _given(images=images, question=question, detail=detail, provider=provider, model=model)
    return _perform(
        ctx, "describe_images", arguments, Wishes(as_json=as_json, pictures="off", yes=yes, dry_run=dry_run)
    )


def list_them(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="In their titles, prompts and collections.")
    ] = None,
    *,
    origin: Annotated[
        Literal["made", "found", "given", "all"] | None,
        typer.Option(metavar="ORIGIN", help="made, found, given or all."),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="As in 2026-11-01.")] = None,
    count: Count = None,
    page: Annotated[int | None, typer.Option(metavar="N", help="Further ones, from 1.")] = None,
    open_it: Open = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """List the pictures that are there, for nothing."""
    arguments = _given(origin=origin, query=" ".join(words or ()) or None, since=since, count=count, page=page)
    wishes = Wishes(as_json=as_json, pictures=_form(pictures, no_pictures), open=open_it)
    return _perform(ctx, "list_images", arguments, wishes)


def save(
    ctx: typer.Context,
    images: Images,
    *,
    folder: Annotated[
        str | None,
        typer.Option("--folder", "--to", metavar="FOLDER", help="A collection: a folder below the image folder."),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call them.")] = None,
    as_json: Json = False,
) -> int:
    """Keep pictures in a folder, with what is known of them written into the files."""
    arguments = _given(images=images, folder=folder, name=name)
    return _perform(ctx, "save_images", arguments, Wishes(as_json=as_json, pictures="off"))


def transform(
    ctx: typer.Context,
    images: Images,
    *,
    output: Output = None,
    size: Size = None,
    fit: Annotated[
        Literal["contain", "cover", "stretch", "pad"] | None,
        typer.Option(metavar="HOW", help="How it gets to that size: contain, cover, stretch or pad."),
    ] = None,
    crop: Annotated[
        str | None, typer.Option(metavar="WHAT", help="x,y,width,height in px or percents; square; 16:9.")
    ] = None,
    rotate: Annotated[int | None, typer.Option(metavar="DEGREES", help="Clockwise: 90, 180, 270.")] = None,
    flip: Annotated[
        Literal["horizontal", "vertical"] | None, typer.Option(metavar="HOW", help="Mirror it: horizontal or vertical.")
    ] = None,
    form: Format = None,
    compression: Compression = None,
    max_kilobytes: Annotated[int | None, typer.Option(metavar="KB", help="No larger than this.")] = None,
    background: Annotated[
        str | None, typer.Option(metavar="COLOUR", help="Of padding and flattened transparency: white, #rrggbb.")
    ] = None,
    metadata: Annotated[
        Literal["keep", "strip"] | None, typer.Option(metavar="HOW", help="keep or strip what is written in the file.")
    ] = None,
    force: Force = False,
    open_it: Open = False,
    as_json: Json = False,
    pictures: Form = "auto",
    no_pictures: NoPictures = False,
) -> int:
    """Crop, resize, turn or convert pictures, for nothing. The originals stay."""
    arguments = _given(
        images=images,
        size=size,
        fit=fit,
        crop=crop,
        rotate=rotate,
        flip=flip,
        format=form,
        compression=compression,
        max_kilobytes=max_kilobytes,
        background=background,
        metadata=metadata,
    )
    wishes = Wishes(as_json=as_json, pictures=_form(pictures, no_pictures), output=output, force=force, open=open_it)
    return _perform(ctx, "transform_image", arguments, wishes)


def list_tools(ctx: typer.Context, *, as_json: Json = False) -> int:
    """List the tools that are served, a line each."""
    return called("lightbox.commands.tool_help:list_tools", settings_of(ctx), as_json=as_json)


def call(
    ctx: typer.Context,
    tool: Annotated[str | None, typer.Argument(metavar="TOOL", autocompletion=tools)] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="key=value", help="For example count=3 images=a.png,b.png.")
    ] = None,
    *,
    helped: Annotated[
        bool, typer.Option("--help", "-h", help="With TOOL: what the tool does, and its arguments.", metavar="")
    ] = False,
    yes: Yes = False,
) -> int:
    """Call one tool with exactly the arguments that an assistant would pass, and wait for its result."""
    if tool is None and helped:
        print(ctx.get_help())  # noqa: T201 - what was asked for
        return 0
    if tool is None:
        ctx.fail("Missing argument 'TOOL': `lightbox tools` lists them")
    if helped:
        return called("lightbox.commands.tool_help:tool_help", settings_of(ctx), tool)
    return called("lightbox.commands.call_tool:call", settings_of(ctx), tool, arguments or [], yes=yes)


def add_to(app: typer.Typer) -> None:
    """Add the commands for pictures to those of `lightbox`."""
    for command in (find, similar, make, edit, show, describe):
        app.command(rich_help_panel=PICTURES)(command)
    app.command("list", rich_help_panel=PICTURES)(list_them)
    app.command(rich_help_panel=PICTURES)(save)
    app.command(rich_help_panel=PICTURES)(transform)
    app.command("tools", rich_help_panel=TOOLS)(list_tools)
    app.command(rich_help_panel=TOOLS, add_help_option=False)(call)


def _perform(ctx: typer.Context, tool: str, arguments: dict[str, Any], wishes: Wishes) -> int:
    return called("lightbox.commands.errands:perform", settings_of(ctx), tool, arguments, wishes)


def _given(**options: Any) -> dict[str, Any]:
    """Leave out what was not typed: the tool has its own defaults."""
    return {name: value for name, value in options.items() if value is not None}


def _form(pictures: PictureForm, no_pictures: bool) -> PictureForm:  # noqa: FBT001 - two options of one meaning
    return "off" if no_pictures else pictures
