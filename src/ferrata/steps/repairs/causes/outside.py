"""Causes that lie outside the notebook: the machine, the network, programs and accounts."""

from __future__ import annotations

import re

from ferrata.steps.repairs.causes.scene import Answer, Scene

_NETWORK = (
    r"URLError|HTTPError|ConnectionError|ConnectTimeout|ReadTimeout|gaierror|MaxRetryError|NewConnectionError|SSLError|RemoteDisconnected|ProxyError|"
    r"Temporary failure in name resolution|Name or service not known|Network is unreachable|Failed to establish a new connection|URL fetch failure|"
    r"No internet connection|HTTP Error \d|Connection (?:refused|reset|aborted)|LocalEntryNotFoundError|network is cut|nodename nor servname"
)


def killed(scene: Scene) -> Answer | None:
    if scene.type == "Timeout":
        return (
            f"{scene.place} was not done when the time was up ({scene.first_line or 'no limit given'})",
            "Allow more time, or let the cell work on less.",
        )
    if scene.type == "Killed":
        return (
            f"{scene.place} was running when the process was killed, most likely because memory ran out ({scene.first_line or 'no signal known'})",
            "Run on a machine with more memory, or let the cell work on less data.",
        )
    return None


def out_of_memory(scene: Scene) -> Answer | None:
    if not scene.search(r"MemoryError|ResourceExhausted|Unable to allocate|out of memory|OOM when allocating"):
        return None
    return (
        f"{scene.place} needs more memory than there is: {scene.first_line or scene.type}",
        "Run on a machine with more memory, or let the cell work on less data.",
    )


def network(scene: Scene) -> Answer | None:
    """Downloads, and libraries that download behind a call (nltk, spaCy, pretrained weights)."""
    resource = re.search(r"Resource \S*?(\w[\w-]+)\S* not found", scene.message)
    if scene.type == "LookupError" and resource and "nltk" in scene.message:
        return (
            f'{scene.place} needs NLTK\'s data "{resource[1]}", which is not on this machine',
            f'Run `nltk.download("{resource[1]}")` once with a network.',
        )
    model = re.search(r"\[E050\] Can't find model '([^']+)'", scene.message)
    if model:
        return f"{scene.place} needs spaCy's model {model[1]}, which is not installed", f"`python -m spacy download {model[1]}` gets it."
    if not re.search(_NETWORK, f"{scene.type}: {scene.message}"):
        return None
    url = re.search(r"https?://[^\s'\"<>)]+|host='([^']+)'", scene.text)
    source = f" ({url[1] or url[0]})" if url else ""
    return (
        f"{scene.place} fetches something from the network and got no answer{source}",
        "Check the network and the address, or put the file beside the notebook and read it from there.",
    )


def credentials(scene: Scene) -> Answer | None:
    if not re.search(
        r"kaggle\.json|KAGGLE_USERNAME|NoCredentialsError|DefaultCredentialsError|Unable to locate credentials"
        r"|api[_ ]key.{0,40}(?:not set|must be set|missing|required)",
        scene.text,
        re.I,
    ):
        return None
    return (
        f"{scene.place} needs an account of its author: {scene.first_line or scene.type}",
        "Put the data that it fetches beside the notebook and read it from there.",
    )


def graphics_card(scene: Scene) -> Answer | None:
    if not scene.search(
        r"Found no NVIDIA driver|not compiled with CUDA|No CUDA GPUs|CUDA (?:error|driver)|CUDNN_STATUS|no CUDA-capable device|Invalid device.*cuda"
    ):
        return None
    return (
        f"{scene.place} asks for an NVIDIA graphics card, and this machine has none",
        'Choose the device by `"cuda" if torch.cuda.is_available() else "cpu"`.',
    )


def missing_program(scene: Scene) -> Answer | None:
    """Programs that Python libraries start."""
    if scene.search(r"ExecutableNotFound|Graphviz's executables|failed to execute .*dot|InvocationException|\"dot\" not found"):
        return (
            f"{scene.place} draws with Graphviz, whose program `dot` is not installed",
            "Install Graphviz with the system's package manager, or leave the drawing out.",
        )
    if scene.search(r"JAVA_HOME|JAVA_GATEWAY_EXITED|Java gateway process exited"):
        return f"{scene.place} needs Java, which is not installed", "Install a Java runtime."
    if scene.search(r"chromedriver|geckodriver|TesseractNotFound|ffmpeg.*not found|OrcaExecutable|WebDriverException"):
        return f"{scene.place} starts a program that is not installed: {scene.first_line}", "Install that program, or leave the cell out."
    return None


def screen(scene: Scene) -> Answer | None:
    if not scene.search(
        r"no display name|TclError|could not connect to display|The function is not implemented. Rebuild the library with Windows"
    ):
        return None
    return f"{scene.place} opens a window, and there is no screen here", "Show images with matplotlib, which draws into the notebook."
