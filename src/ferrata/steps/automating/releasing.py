"""The job that releases the main branch, once it was verified and is no worse than what was there before. All the rest is `ferrata ship`.

What it deploys with is for this job alone: the secrets of an environment (GitHub, GitLab) that the main branch alone may use, and where the forge can ask
a person first. The key of ssh goes into an agent and is never a file.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ferrata.records.shipping import Target
from ferrata.steps.automating import forgejo, github, gitlab
from ferrata.steps.automating.setting import Setting

_OWN_REGISTRY = "ghcr.io"  # GitHub's, which takes the token of the job
_GATE = 'if git cat-file -e "$BEFORE^{commit}" 2> /dev/null; then ferrata gate "$BEFORE"; fi'  # a branch that is new has nothing before it
_KEYS = "(umask 077 && printf '%s\\n' \"$SERVICE_KEYS\" > service/keys.json)"
_SECRETS = {"server": ("DEPLOY_KEY",), "kubernetes": ("KUBE_CONFIG",)}
_KEPT = ("evidence/releases.jsonl", "evidence/image.*", "evidence/ca-*.crt", "deploy/")


def job(forge: str, setting: Setting) -> str:
    """"" for a project that has no target to ship to."""
    if setting.target is None:
        return ""
    return {"github": _of_github, "gitlab": _of_gitlab, "forgejo": _of_forgejo}[forge](setting, setting.target)


def _of_github(setting: Setting, target: Target) -> str:
    kept = "".join(f"            {each}\n" for each in _KEPT)
    packages = "\n      packages: write # to push the image" if _registry(setting) == _OWN_REGISTRY else ""
    url = f"\n      url: https://{target.domain}" if target.domain else ""
    return f"""
  # What it deploys with are secrets of the environment: no other job has them. Who must agree first is said there, too (docs/ci.md).
  release:
    name: Ship to {target.name}
    if: github.event_name == 'push'
    needs: {"publish" if setting.is_reachable else "verify"}
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    environment:
      name: {target.name}{url}
    concurrency:
      group: ferrata-ship-{target.name}
      cancel-in-progress: false
    permissions:
      contents: read{github.identity(setting)}{packages}
    steps:
{github.start(setting, "READ")}{_steps(setting, target)}      - name: Keep what was shipped
        if: always()
        uses: {github.UPLOAD}
        with:
          name: release
          path: |
{kept}          if-no-files-found: ignore
"""


def _of_forgejo(setting: Setting, target: Target) -> str:
    """Its secrets are the repository's: there are no environments."""
    return f"""
  # It needs a runner with the label `ship`, which has Docker or Podman (docs/ci.md).
  release:
    if: github.event_name == 'push'
    needs: verify
    runs-on: ship
    timeout-minutes: 120
    concurrency:
      group: ferrata-ship-{target.name}
      cancel-in-progress: false
    steps:
{forgejo.start(setting, "READ")}{_steps(setting, target)}"""


def _steps(setting: Setting, target: Target) -> str:
    steps = [
        ("Bring the results up to date", ["ferrata run"], {}),
        ("No worse than what was there before", [_GATE], {"BEFORE": "${{ github.event.before }}"}),
        ("Who may call it", [_KEYS], {"SERVICE_KEYS": "${{ secrets.SERVICE_KEYS }}"}),
        *_login(setting),
        (f"Image, proof, push, and to {target.name}", _shipped(target), _credentials(target)),
    ]
    return "".join(_step(name, lines, variables) for name, lines, variables in steps)


def _step(name: str, lines: Sequence[str], variables: dict[str, str]) -> str:
    script = f" {lines[0]}\n" if len(lines) == 1 else " |\n" + "".join(f"          {line}\n" for line in lines)
    given = "".join(f"          {key}: {value}\n" for key, value in variables.items())
    return f"      - name: {name}\n        run:{script}" + (f"        env:\n{given}" if given else "")


def _login(setting: Setting) -> list[tuple[str, list[str], dict[str, str]]]:
    registry = _registry(setting)
    if not registry:
        return []
    user, password = "${{ vars.REGISTRY_USER }}", "${{ secrets.REGISTRY_PASSWORD }}"
    if registry == _OWN_REGISTRY:
        user, password = "${{ github.actor }}", "${{ secrets.GITHUB_TOKEN }}"
    return [("Log in to the registry", [_logged_in(registry)], {"REGISTRY_USER": user, "REGISTRY_PASSWORD": password})]


def _logged_in(registry: str) -> str:
    return f"printf '%s' \"$REGISTRY_PASSWORD\" | docker login --username \"$REGISTRY_USER\" --password-stdin {shlex.quote(registry)}"


def _shipped(target: Target) -> list[str]:
    """A shell script: what it logs in with is there while it runs."""
    if target.kind == "kubernetes":
        return [
            "folder=$(mktemp -d)", "trap 'rm -rf \"$folder\"' EXIT", "(umask 077 && printf '%s\\n' \"$KUBE_CONFIG\" > \"$folder/config\")",
            f"KUBECONFIG=\"$folder/config\" ferrata ship {target.name}",
        ]  # fmt: skip
    return [
        'eval "$(ssh-agent -s)" > /dev/null', "trap 'ssh-agent -k > /dev/null' EXIT", "printf '%s\\n' \"$DEPLOY_KEY\" | ssh-add -q -",
        "install -m 700 -d ~/.ssh", "printf '%s\\n' \"$DEPLOY_KNOWN_HOSTS\" >> ~/.ssh/known_hosts", f"ferrata ship {target.name}",
    ]  # fmt: skip


def _credentials(target: Target) -> dict[str, str]:
    secrets = {name: f"${{{{ secrets.{name} }}}}" for name in _SECRETS[target.kind]}
    return secrets | ({"DEPLOY_KNOWN_HOSTS": "${{ vars.DEPLOY_KNOWN_HOSTS }}"} if target.kind == "server" else {})


def _of_gitlab(setting: Setting, target: Target) -> str:
    """Docker's daemon is started in the job: what a service beside it publishes is not on 127.0.0.1, where the image is proved."""
    more = ["docker.io", "openssh-client" if target.kind == "server" else "kubernetes-client"]
    registry = _registry(setting)
    pull = [*gitlab.known(setting, "READ"), *gitlab.with_key(setting, "pull", "READ")]
    install = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {' '.join(more)}"
    scripts = [
        *pull, "ferrata run", f'export BEFORE="$CI_COMMIT_BEFORE_SHA"; {_GATE}', install,
        "(dockerd > /dev/null 2>&1 &) && timeout 60 sh -c 'until docker version > /dev/null 2>&1; do sleep 1; done'", _KEYS,
        *([_logged_in(registry)] if registry else []), "\n".join(_shipped(target)),
    ]  # fmt: skip
    lines = "".join(f"    - {script}\n" if "\n" not in script and ": " not in script else _block(script) for script in scripts)
    url = f"\n    url: https://{target.domain}" if target.domain else ""
    kept = "".join(f"      - {each}\n" for each in _KEPT)
    return f"""
# It needs a runner whose jobs are privileged, as GitLab's own are, and the variables of this environment (docs/ci.md).
release:
  extends: .ferrata
  stage: release
{gitlab.identity(setting)}  needs: [{"publish" if setting.is_reachable else "verify"}]
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  environment:
    name: {target.name}{url}
  resource_group: ferrata-ship-{target.name}
  interruptible: false
  script:
{lines}  artifacts:
    when: always
    paths:
{kept}"""


def _block(script: str) -> str:
    return "    - |\n" + "".join(f"      {line}\n" for line in script.splitlines())


def _registry(setting: Setting) -> str:
    return setting.repository.partition("/")[0]


def needs(forge: str, setting: Setting) -> tuple[str, ...]:
    """One sentence for each thing that is to be done by hand for the release."""
    target = setting.target
    if target is None:
        return ()
    where = {
        "github": f"Settings → Environments → {target.name}", "gitlab": f"Settings → CI/CD → Variables, protected, masked, of the environment {target.name}",
        "forgejo": "Settings → Actions → Secrets (and Variables)",
    }[forge]  # fmt: skip
    secrets = ["SERVICE_KEYS (the content of service/keys.json, which has hashes of the API keys)", *_SECRETS[target.kind]]
    others = ["DEPLOY_KNOWN_HOSTS (what ssh-keyscan HOST prints, compared with the server's own)"] if target.kind == "server" else []
    if _registry(setting) and not (forge == "github" and _registry(setting) == _OWN_REGISTRY):
        secrets.append("REGISTRY_PASSWORD (a token that may push to this repository alone)")
        others.append("REGISTRY_USER")
    told = f"{where}: the secrets {', '.join(secrets)}" + (f"; and the variables {', '.join(others)}" if others else "") + "."
    return (*_of_environment(forge, setting, target), told, _limited(target))


def _of_environment(forge: str, setting: Setting, target: Target) -> list[str]:
    if forge == "github":
        known = " A job of an environment has another identity: let the role that reads the data trust it, too (environment:…)." if setting.is_cloud else ""
        agreed = f"let the branch {setting.branch} alone deploy to it, and name who must agree (required reviewers)."
        return [f"Settings → Environments: make {target.name}, {agreed}{known}"]
    if forge == "gitlab":
        return [
            f"The branch {setting.branch} must be protected. Who must agree first: Settings → CI/CD → Protected environments (Premium); elsewhere whoever may "
            "merge decides.",
            "The job starts Docker itself, so that its runner must be privileged. GitLab's own are.",
        ]
    return [
        "A runner with the label `ship` (of the kind host) that has Python, Docker or Podman, ssh or kubectl. There are no environments and nobody is asked "
        "first: whoever may push a branch can read its secrets.",
    ]


def _limited(target: Target) -> str:
    if target.kind == "kubernetes":
        return (
            f"KUBE_CONFIG is a kubeconfig for the ServiceAccount of deploy/ci/{target.name}.yaml, which has the rights that this takes in the namespace "
            f"{target.namespace} and no others: kubectl apply -f it, then kubectl create token {target.model}-ci --namespace {target.namespace}."
        )
    return (
        f"DEPLOY_KEY is the private half of a key for this purpose alone (ssh-keygen -t ed25519 -N ''). In authorized_keys of {target.host} its line "
        "begins with restrict,port-forwarding: no terminal, no agent, no other use than commands and the ports of that machine. Ship once by hand before "
        f"(ferrata ship {target.name}): what has to be installed is asked there."
    )
