"""kubectl: the one thing that it is needed for is its proxy, which knows the user's clusters and every way to log in to them."""

from __future__ import annotations

import os

from ferrata.records.command import Command

# Where kubectl, and the programs that it logs in with, look for what they know.
_PASSED = (
    "KUBECONFIG", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION",
    "AZURE_CONFIG_DIR", "XDG_CONFIG_HOME",
)  # fmt: skip


def proxy(port: int, context: str) -> Command:
    """The API of the cluster at a port of this machine, with the user's rights, while it runs."""
    chosen = ("--context", context) if context else ()
    variables = {name: os.environ[name] for name in _PASSED if name in os.environ}
    return Command(("kubectl", *chosen, "proxy", "--port", str(port), "--address", "127.0.0.1"), None, variables, "Reaching the cluster")
