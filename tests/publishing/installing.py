"""How Lightbox is installed, for pages that people read: links to click and commands to run."""

from __future__ import annotations

from lightbox.clients import known as clients
from publishing.plugin import install_commands
from publishing.project import Project


def install_section(project: Project) -> str:
    """Give the README's block on installing: links to click, commands to run, the bundle, the plugin."""
    known = clients.known_clients()
    found = [(of.title, clients.install_link(of) or "") for of in known]
    links = [f"[{title}]({link})" for title, link in found if link.startswith("https:")]
    commands = [(f"# {of.title}", adding) for of in known if (adding := of.add_command(clients.FROM_INDEX, "posix"))]
    bundle = f"[{project.bundle}]({project.bundle_url})"
    plugin = "\n".join(install_commands(project))
    return "\n".join(
        [
            f"**In one click:** {' · '.join(links)}",
            "",
            f"**Claude Desktop:** open {bundle}; it asks for keys in a form.",
            "",
            "**In one command:**",
            "",
            f"```sh\n{chr(10).join(line for pair in commands for line in pair)}\n```",
            "",
            "**As a plugin of Claude Code**, with a skill that says how to use it well:",
            "",
            f"```sh\n{plugin}\n```",
        ]
    )
