"""A real container as a place of the contract suite: an image of bare mount points that borrows this host's programs.

So nothing has to be built or fetched. Python's files, the scripts and the tests' folders are mounted at their own paths.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException, NotFound

from tunesmith.domain.place import Programs
from tunesmith.domain.step import Toolbox
from tunesmith.runtimes.docker.containers import PROJECT, SERVICE, Place
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.runtime import WRAPPER, DockerRuntime

SOCKET = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
IMAGE = "tunesmith/contract:2"
TOOLS = "toolbox"
FOLDERS = ("usr/bin", "usr/lib", "usr/lib64", "sbin", "etc/alternatives", "proc", "sys", "dev", "tmp")
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64"}
SCRIPTS = Path(__file__).resolve().parents[2] / "backend" / "toolbox"


def client() -> docker.APIClient:
    return docker.APIClient(SOCKET, version="auto", timeout=120)


def no_engine() -> str | None:
    try:
        with contextlib.closing(client()) as engine:
            return None if engine.ping() else "the Docker engine doesn't answer"
    except DockerException as error:
        why = "no permission on its socket" if "Permission denied" in str(error) else "nothing answers on its socket"
        return f"no Docker engine: {why} (on Debian: sudo compose/packages/engine.sh, then add yourself to the group docker)"


@dataclass(frozen=True)
class Box:
    """One container of one project, under the labels that Compose gives. `folder` lies in what it shares with the tests."""

    folder: Path
    service: str = TOOLS

    @property
    def project(self) -> str:
        return f"contract-{self.folder.parent.parent.name}-{self.folder.parent.name}-{self.folder.name}".lower()

    @property
    def place(self) -> Place:
        return Place(self.project, self.service)

    def runtime(
        self, programs: Programs, address: str = SOCKET, wrapper: str = WRAPPER, engine: Engine | None = None
    ) -> DockerRuntime:
        return DockerRuntime(programs, SCRIPTS, engine or Engine(address), self.place_of, wrapper)

    def place_of(self, toolbox: Toolbox) -> Place:
        return self.place

    def ensure(self, bin: Path = Path("/usr/bin")) -> None:
        """The container runs; made when it isn't there."""
        with contextlib.closing(client()) as engine:
            try:
                engine.inspect_container(self.place.container)
            except NotFound:
                self.make(engine, bin)

    def make(self, engine: docker.APIClient, bin: Path = Path("/usr/bin"), labels: dict[str, str] | None = None) -> None:
        if not engine.images(IMAGE):
            engine.import_image_from_data(_mount_points(), *IMAGE.split(":"))
        shared = self.folder.parent
        host = engine.create_host_config(
            init=True,
            network_mode="none",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            binds=[*_borrowed(bin), f"{SCRIPTS}:{Path(WRAPPER).parent}:ro", f"{shared}:{shared}:{_propagation(shared)}"],
        )
        engine.create_container(
            IMAGE,
            ["sleep", "infinity"],
            name=self.place.container,
            user=f"{os.geteuid()}:{os.getegid()}",
            labels=labels if labels is not None else {PROJECT: self.project, SERVICE: self.service},
            host_config=host,
            environment={"PATH": "/usr/bin:/bin"},
        )
        engine.start(self.place.container)

    def remove(self) -> None:
        """All containers of the project."""
        with contextlib.closing(client()) as engine:
            for one in engine.containers(all=True, filters={"label": f"{PROJECT}={self.project}"}):
                engine.remove_container(one["Id"], force=True)
        if _is_mounted(self.folder.parent):
            subprocess.run(["umount", "-l", str(self.folder.parent)], check=True)


def _borrowed(bin: Path) -> Iterator[str]:
    yield f"{bin}:/usr/bin:ro"
    pythons = {Path(sys.prefix), Path(sys.base_prefix)} - {Path("/usr")}
    # Debian's awk is a link into /etc.
    for path in (Path("/usr/lib"), Path("/usr/lib64"), Path("/etc/alternatives"), *pythons):
        if path.is_dir():
            yield f"{path}:{path}:ro"


def _propagation(shared: Path) -> str:
    """As root, what a test mounts in the shared folder later is seen in the container too."""
    if os.geteuid() or not shutil.which("mount"):
        return "rw"
    if not _is_mounted(shared):
        subprocess.run(["mount", "--bind", str(shared), str(shared)], check=True)
        subprocess.run(["mount", "--make-rshared", str(shared)], check=True)
    return "rw,rslave"


def _is_mounted(folder: Path) -> bool:
    """Also where both sides are one disk, which os.path.ismount doesn't see."""
    return any(line.split()[4] == str(folder) for line in Path("/proc/self/mountinfo").read_text().splitlines())


def _mount_points() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in FOLDERS:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(entry)
        for name, target in LINKS.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    return packed.getvalue()
