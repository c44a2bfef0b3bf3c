"""What commands do alike: settings first, then the function that does the work, imported when it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from lightbox.commands.exit_codes import BROKEN_PIPE, DONE
from lightbox.quick_import import quick_import, quickly_imported

if TYPE_CHECKING:
    from lightbox.settings import Settings


def settings_of(context: typer.Context) -> Settings:
    """Make the settings, of which the command line has named the file.

    Raises:
        SettingsError: One is wrong.
    """
    with quick_import():
        return quickly_imported("lightbox.settings:load")(context.obj)


def called(work: str, *arguments: Any, **options: Any) -> int:
    """Import the function that `module:function` names, call it, and give its exit code.

    Raises:
        LightboxError: As the function does.
    """
    with quick_import():
        function = quickly_imported(work)
    try:
        return function(*arguments, **options) or DONE
    except BrokenPipeError:  # which typer would end with the code of a failure
        return BROKEN_PIPE


def names_after(*names: str) -> Callable[[str], list[str]]:
    """Give what completes a word that is one of some names."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return complete
