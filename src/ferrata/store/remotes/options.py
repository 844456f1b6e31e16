"""The settings of a remote, as what its fsspec file system is made with. A setting that is not in these tables is refused by name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ferrata.errors import ProjectError
from ferrata.store.config import RemoteConfig
from ferrata.store.remotes.remote import refuse_unknown

_HARMLESS = frozenset({"jobs", "checksum_jobs", "verify", "no_traverse", "listobjects"})
_S3 = {
    "access_key_id": "key", "secret_access_key": "secret", "session_token": "token", "profile": "profile", "use_ssl": "use_ssl",
    "allow_anonymous_login": "anon", "cache_regions": "cache_regions", "endpointurl": "client_kwargs.endpoint_url", "region": "client_kwargs.region_name",
    "ssl_verify": "client_kwargs.verify", "read_timeout": "config_kwargs.read_timeout", "connect_timeout": "config_kwargs.connect_timeout",
    "sse": "s3_additional_kwargs.ServerSideEncryption", "sse_kms_key_id": "s3_additional_kwargs.SSEKMSKeyId", "acl": "s3_additional_kwargs.ACL",
    "grant_read": "s3_additional_kwargs.GrantRead", "grant_read_acp": "s3_additional_kwargs.GrantReadACP",
    "grant_write_acp": "s3_additional_kwargs.GrantWriteACP", "grant_full_control": "s3_additional_kwargs.GrantFullControl",
}  # fmt: skip
_GS = {"projectname": "project", "credentialpath": "token", "endpointurl": "endpoint_url"}
_AZURE = {
    name: name
    for name in ("connection_string", "sas_token", "account_name", "account_key", "tenant_id", "client_id", "client_secret", "timeout", "read_timeout")
} | {"allow_anonymous_login": "anon", "connection_timeout": "connection_timeout"}
_SSH = {
    "port": "port", "user": "username", "password": "password", "passphrase": "passphrase", "keyfile": "client_keys", "timeout": "connect_timeout",
    "gss_auth": "gss_auth", "allow_agent": "allow_agent",
}  # fmt: skip
# Environment variables that stand for a file which DVC's setting names.
_S3_FILES = {"credentialpath": "AWS_SHARED_CREDENTIALS_FILE", "configpath": "AWS_CONFIG_FILE"}
_TABLES: Mapping[str, Mapping[str, str]] = {"s3": _S3 | _S3_FILES, "gs": _GS | {"allow_anonymous_login": ""}, "azure": _AZURE, "ssh": _SSH}
SCHEMES = tuple(_TABLES)
_NUMBERS = frozenset({"read_timeout", "connect_timeout", "timeout", "connection_timeout", "port"})
_FLAGS = {"true": True, "false": False}


def file_system_options(config: RemoteConfig) -> tuple[str, dict[str, Any]]:
    """(the scheme, the arguments of its file system); ProjectError for a scheme or a setting that is not known."""
    scheme = urlsplit(config.url).scheme
    if scheme not in _TABLES:
        what = f"Ferrata has no remotes of the kind {scheme}://"
        raise ProjectError(what, where=f"the remote {config.name}", todo=f"There are a folder, {', '.join(f'{one}://' for one in _TABLES)}.")
    table = _TABLES[scheme]
    refuse_unknown(config, {*table, *_HARMLESS})
    options: dict[str, Any] = {}
    for name, text in config.options.items():
        if name in _HARMLESS:
            continue
        if scheme == "s3" and name in _S3_FILES:
            os.environ.setdefault(_S3_FILES[name], text)
        elif table[name]:
            _put(options, table[name], _value(config, name, text))
    return scheme, options | _of_url(config, scheme, options)


def _of_url(config: RemoteConfig, scheme: str, options: dict[str, Any]) -> dict[str, Any]:
    parts = urlsplit(config.url)
    if scheme == "ssh":
        more: dict[str, Any] = {"host": parts.hostname}
        more |= {"username": parts.username} if parts.username else {}
        more |= {"port": parts.port} if parts.port else {}
        return more | ({"client_keys": [options["client_keys"]]} if "client_keys" in options else {})
    if scheme == "gs" and config.options.get("allow_anonymous_login", "").lower() == "true":
        return {"token": "anon"}
    return {}


def _put(options: dict[str, Any], name: str, value: Any) -> None:
    first, _, rest = name.partition(".")
    if rest:
        options.setdefault(first, {})[rest] = value
    else:
        options[first] = value


def _value(config: RemoteConfig, name: str, text: str) -> Any:
    if name in _NUMBERS:
        if not text.isdecimal():
            raise ProjectError(f"{name} of the remote {config.name} is {text!r}", where=".dvc/config", todo="Set it to a number.")
        return int(text)
    return _FLAGS.get(text.lower(), text)
