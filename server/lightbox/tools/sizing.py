"""The size of a made picture: what the service is asked for, what becomes of it here, and what is said of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightbox.costs.counting.image_size import choose_size, parse_size
from lightbox.images.transform import check_size, exactly_told

if TYPE_CHECKING:
    from lightbox.costs.catalogue.rows import ImageModelRow
    from lightbox.images.picture import Picture
    from lightbox.jobs.job import Order
    from lightbox.tools.arguments import OutputArguments


@dataclass(frozen=True, slots=True)
class Sizing:
    """How a size comes about.

    Attributes:
        asked: What the service is asked for, and what is priced.
        exact: `WIDTHxHEIGHT` in px to which the picture is brought here; None: it stays as it comes.
        notes: What the answer says of it whatever comes.
    """

    asked: str
    exact: str | None = None
    notes: tuple[str, ...] = ()


def sizing(arguments: OutputArguments, model: ImageModelRow | None) -> Sizing:
    """Choose what to ask for; every size can be had of a model that is known.

    Raises:
        BadInput: It is no size, or larger than what is made here.
    """
    size = parse_size(arguments.size)
    if size is not None:
        check_size(*size, arguments.size)
    choice = choose_size(model, arguments.size)
    if choice.exact is None or arguments.format != "svg":
        return Sizing(choice.asked, choice.exact)
    note = f"A drawing (svg) has no px: it was asked for in {choice.asked} and is not brought to {arguments.size}."
    return Sizing(choice.asked, notes=(note,))


def planned(order: Order) -> str | None:
    """Say of a call that is priced in which size its picture is asked for, where that is not the one that was named."""
    wanted, asked = order.arguments.get("size"), order.priced.size
    if asked is None or wanted in {None, asked}:
        return None
    came, exact = parse_size(asked), parse_size(order.exact_size or "")
    done = f", {exactly_told(came, exact)} here for nothing" if came and exact else ""
    return f"{wanted} is asked for as {asked}{done}"


def size_lines(order: Order, picture: Picture, original: Picture | None, *, with_path: bool) -> list[str]:
    """Say how a picture came to its size and format, and where it is as it came."""
    exact = parse_size(order.exact_size or "")
    if original is not None and original.width and original.height:
        return _changed_lines(order, (original.width, original.height), original, with_path=with_path)
    if exact is None or not picture.width or not picture.height or (picture.width, picture.height) == exact:
        return []
    wanted = f"{exact[0]}x{exact[1]}"
    return [f"size: not brought to {wanted}: transform_image with size={wanted} and fit=cover does it, for nothing"]


def _changed_lines(order: Order, came: tuple[int, int], original: Picture, *, with_path: bool) -> list[str]:
    exact, told = parse_size(order.exact_size or ""), f"{came[0]}x{came[1]}"
    path = f"  path: {original.path}" if with_path and original.path else ""
    lines = [f"as it came: {original.handle}  {told} px{path}"]
    if order.format_here is not None:
        lines.insert(0, f"format: made as {order.priced.format}, written as {order.format_here} here for nothing")
    if exact is not None and came != exact:
        asked = f"asked for {order.priced.size}" + ("" if told == order.priced.size else f", came as {told}")
        lines.insert(0, f"size: {asked}, {exactly_told(came, exact)} here for nothing")
    return lines
