"""Which commands there are. A command's module is imported when it is run or asked for help, never before."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ferrata.records.page import Page

# name: (module that has a click command of the same name, the line that `ferrata --help` shows)
COMMANDS = {
    "adopt": ("ferrata.cli.adopt", "A notebook becomes a project, proved to give the same numbers."),
    "run": ("ferrata.cli.run", "Run the stages of the pipeline that changed."),
    "history": ("ferrata.cli.history", "Every recorded run: commit, scores, what changed."),
    "status": ("ferrata.cli.status", "Where this project stands and what is next (as `ferrata` alone)."),
    "data": ("ferrata.cli.data", "Track data by its content, out of Git (`data add PATH …`)."),
    "remote": ("ferrata.cli.remote", "Where the data is shared: list remotes, add one (`remote add URL`)."),
    "push": ("ferrata.cli.push", "Send the project's data to a remote."),
    "pull": ("ferrata.cli.pull", "Get the project's data from a remote."),
    "verify": ("ferrata.cli.verify", "Build the project from a new clone and compare the results."),
    "why": ("ferrata.cli.why", "Why another run gave another result: the cause, found by trial."),
    "compare": ("ferrata.cli.compare", "Does the change help, and how sure is that?"),
    "noise": ("ferrata.cli.noise", "How much the scores move when only chance changes."),
    "gate": ("ferrata.cli.gate", "May the change go in? No only where it is worse beyond noise."),
    "report": ("ferrata.cli.report", "The comparison as one page, here and as a comment of the pull request."),
    "ci": ("ferrata.cli.ci", "The workflow for GitHub, GitLab or Forgejo that does all this on every push."),
    "predict": ("ferrata.cli.predict", "Ask the model about raw rows: one record, a file, a folder."),
    "serve": ("ferrata.cli.serve", "The model as an API with a page to try it; its answers are the notebook's."),
    "client": ("ferrata.cli.client", "A client of that API for JavaScript, Python, Swift, Kotlin, Dart or curl."),
    "image": ("ferrata.cli.image", "The service as a container image, proved before it is pushed (`image build`)."),
    "ship": ("ferrata.cli.ship", "The image serves at a target, without a request lost (`ship local`, `ship plan TARGET`)."),
    "rollback": ("ferrata.cli.rollback", "An earlier release serves again at a target; nothing is built."),
    "doctor": ("ferrata.cli.doctor", "What this machine has, and what is missing for which step."),
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """`run export` is a command of its own; a stage of that name is run by `run -- export`."""
        if args[:2] == ["run", "export"]:
            from ferrata.cli.export import export

            return "run export", export, args[2:]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ferrata", prog_name="ferrata", message="%(prog)s %(version)s")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
@click.pass_context
def ferrata(context: click.Context, is_json: bool) -> Page | None:
    """A data scientist's notebook becomes a Git project whose pipeline gives the same numbers, proved.

    `ferrata` alone shows where this project stands and what is next.
    """
    if context.invoked_subcommand is not None:
        return None
    from ferrata.cli.plain import standing_page

    return standing_page()
