"""``optichain completion``: the script that makes a shell complete commands and options."""

from __future__ import annotations

import rich_click as click

from optichain.cli.options import print_options
from optichain.cli.output import Output

HINTS = {
    "bash": 'eval "$(optichain completion bash)" in ~/.bashrc (bash 4.4 or later)',
    "zsh": 'eval "$(optichain completion zsh)" in ~/.zshrc',
    "fish": "optichain completion fish > ~/.config/fish/completions/optichain.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(sorted(HINTS)))
@print_options
def command(out: Output, shell: str) -> None:
    """Print the completion script of a shell, to be evaluated in its start-up file."""
    from click.shell_completion import ShellComplete, get_completion_class

    from optichain.cli.root import root
    from optichain.errors import UsageError

    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"no completion for {shell}")
    # not the kind's own way: that of bash starts a bash to ask for its version
    script = ShellComplete.source(kind(root, {}, "optichain", "_OPTICHAIN_COMPLETE"))
    out.finish(
        {"shell": shell, "script": script, "hint": HINTS[shell]},
        lambda console: console.out(script, end="", highlight=False),
    )
