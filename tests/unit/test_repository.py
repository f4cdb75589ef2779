"""What the repository promises about itself: its top level, and the packages that its users named."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    *("backend", "frontend", "caddy", "compose", "saves", "models", "data", "docs", "tests"),
    *("docker-compose.yml", "Caddyfile", "README.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "pyproject.toml"),
}
LOCKS = re.compile(r".*\.lock|.*-lock\.(json|yaml)")
NAMED = {"fastapi", "uvicorn", "docker", "httpx", "pydantic", "sse-starlette", "pytest", "pytest-docker"}


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_nothing_new_lies_at_the_top_level() -> None:
    top = {path.split("/")[0] for path in tracked()}
    assert {name for name in top - TOP_LEVEL if not name.startswith(".") and not LOCKS.fullmatch(name)} == set()


def test_no_weights_and_no_data_are_tracked() -> None:
    for folder in ("saves", "models", "data"):
        assert [path for path in tracked() if path.startswith(f"{folder}/")] == [f"{folder}/README.md"]


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return {re.split(r"[<>=!\[; ]", line)[0] for line in lines}


def test_the_packages_that_users_named_are_declared() -> None:
    assert declared() >= NAMED


def test_the_packages_that_users_named_are_used() -> None:
    used = {name for path in tracked() if path.endswith(".py") for name in imported(ROOT / path)}
    assert used >= {package.replace("-", "_") for package in NAMED}


def imported(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
