"""What can be typed, set or printed stands in the reference; links in the documents hold."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.web.pages import DOCUMENT
from upsales_wistia import config, settings
from upsales_wistia.cli import cli
from upsales_wistia.funnel.reasons import REASONS
from upsales_wistia.web import texts

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = [README, *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def reference() -> str:
    return (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def variables() -> list[str]:
    """Every name in capitals that ``config.py`` reads."""
    tree = ast.parse(Path(config.__file__).read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    found = {t for t in texts if isinstance(t, str) and re.fullmatch(r"[A-Z][A-Z_]{3,}", t)}
    return sorted(found | {"SECRET_KEY_FILE", "ENCRYPTION_KEYS_FILE"})


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def test_variables_are_found() -> None:
    assert {"DATABASE_URL", "PORT", "SETTLE_SECONDS"} <= set(variables())


@pytest.mark.parametrize("name", variables())
def test_every_variable_is_explained(reference: str, name: str) -> None:
    assert f"`{name}`" in reference


@pytest.mark.parametrize("name", [name for name, _ in commands(cli)])
def test_every_command_is_explained_and_has_help(reference: str, name: str) -> None:
    assert re.search(rf"`{name}[ `]", reference)
    assert dict(commands(cli))[name].help


@pytest.mark.parametrize(
    "option",
    sorted({o for _, c in commands(cli) for p in c.params for o in p.opts if o.startswith("--")}),
)
def test_every_option_is_explained(reference: str, option: str) -> None:
    assert option in reference


@pytest.mark.parametrize("name", [*settings.NAMES, *settings.SECRETS, *settings.LATER])
def test_every_setting_is_explained(reference: str, name: str) -> None:
    assert f"`{name}`" in reference


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_explained(reference: str, code: str) -> None:
    assert f"| `{code}` | {REASONS[code][0]} |" in reference


@pytest.mark.parametrize("code", [*texts.REFUSED, *texts.VENDORS, "not_configured"])
def test_every_code_of_a_run_is_explained(reference: str, code: str) -> None:
    assert f"`{code}`" in reference


def test_the_document_of_the_reference_is_the_one_the_pages_are_tested_with(
    reference: str,
) -> None:
    block = re.search(r"```json\n(.*?)```", reference, re.DOTALL)
    assert block
    shown = json.loads(block[1])
    assert {**shown, "run": DOCUMENT["run"]} == DOCUMENT


def without_chance(shown: str) -> str:
    """What the demo prints, without what differs from one time to the next."""
    return re.sub(r"\d+ to Wistia, \d+ to Upsales, in [\d.]+ s", "… to Wistia", shown)


def test_the_picture_of_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    block = re.search(
        r"```\n\$ make demo ARGS=--once\n(.*?)```", README.read_text("utf-8"), re.DOTALL
    )
    assert block
    run = subprocess.run(
        [sys.executable, "-m", "upsales_wistia", "demo", "--once"],
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert without_chance(block[1]) == without_chance(run.stdout)
    assert max(map(len, run.stdout.splitlines())) <= 120


def test_the_tutorial_says_what_its_commands_show(tmp_path: Path) -> None:
    tutorial = (ROOT / "docs" / "tutorial.md").read_text("utf-8")

    def ended(*arguments: str, **environ: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "upsales_wistia", *arguments],
            check=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environ},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        return run.stdout

    ended("demo", "--once")
    asked = re.findall(r"^(DATABASE_URL)=(\S+) \.venv/bin/upsales-wistia (.+)$", tutorial, re.M)
    shown = {words.split()[0]: ended(*words.split(), **{name: url}) for name, url, words in asked}
    assert set(shown) == {"customers", "explain", "simulate"}
    percents = re.findall(r"Watched (\d+%); your minimum is 25%", shown["explain"])[::2]
    assert "{}, {} and {}, and the demo's minimum is 25%".format(*percents) in tutorial
    gained = re.findall(r"^(\w+): (\d+) gained", shown["simulate"], re.M)
    assert [target for target, _ in gained] == ["activity", "form"]
    told = "{} activities and {} forms would be gained".format(*(count for _, count in gained))
    assert told in tutorial


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_between_documents_hold(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", prose(path)):
        assert target.startswith("http") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_into_documents_hold(path: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^):#]*)#([^)]*)\)", prose(path)):
        other = path.parent / target if target else path
        assert anchor in anchors(other.read_text(encoding="utf-8")), f"{target}#{anchor}"
