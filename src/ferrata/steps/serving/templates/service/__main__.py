"""`python -m service` runs the service, `python -m service key add NAME` makes an API key, `python -m service version` says what would answer."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys

from .model import identity
from .settings import ROOT, key_command, read_settings


def main(arguments) -> int:
    if arguments[:1] == ["key"]:
        return key_command(arguments[1:])
    if arguments == ["version"]:
        print(json.dumps(identity(ROOT)))
        return 0
    settings = read_settings()
    parser = argparse.ArgumentParser(prog="python -m service", description="Everything else is set by variables: see service/README.md.")
    parser.add_argument("--host", default=settings.host)
    parser.add_argument("--port", type=int, default=settings.port)
    given = parser.parse_args(arguments)
    from .server import serve

    return serve(dataclasses.replace(settings, host=given.host, port=given.port))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
