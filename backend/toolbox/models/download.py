"""Download a base model from a hub through one cache, resumable, then lay it out as a plain folder.

    download.py --repository OWNER/NAME --revision main --cache DIR --out DIR

Runs with huggingface_hub. HF_TOKEN (for gated models) and HF_ENDPOINT come from the environment.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import GatedRepoError, HTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

WANTED = (".safetensors", ".json", ".jinja", ".model", ".txt")


def wanted(names: list[str]) -> list[str]:
    """Weights as safetensors, configuration and tokenizer, of the top folder only; licence and card beside them."""
    return sorted(n for n in names if "/" not in n and (n.endswith(WANTED) or n.startswith(("LICENSE", "README"))))


def lay(source: Path, target: Path) -> None:
    """A hard link where the cache is on the same file system, else a copy."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def download(given: argparse.Namespace) -> None:
    info = HfApi().model_info(given.repository, revision=given.revision, files_metadata=True)
    sizes = {entry.rfilename: entry.size or 0 for entry in info.siblings or []}
    names = wanted(list(sizes))
    if not any(name.endswith(".safetensors") for name in names):
        sys.exit(f"{given.repository} has no safetensors weights: choose a repository that has them")
    given.out.mkdir(parents=True)
    for number, name in enumerate(names, 1):
        print(f"step {number} of {len(names)}: {name} ({sizes[name]} bytes)", flush=True)
        path = hf_hub_download(given.repository, name, revision=info.sha, cache_dir=given.cache)
        lay(Path(path), given.out / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", required=True)
    parser.add_argument("--revision", default="main")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    try:
        download(given)
    except GatedRepoError:
        sys.exit(f"{given.repository} is gated: accept its terms on the hub, then set HF_TOKEN to a token of that account")
    except RepositoryNotFoundError:
        sys.exit(f"{given.repository} is not on the hub, or is private: check the name, or set HF_TOKEN")
    except (HTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        sys.exit(f"the download of {given.repository} failed: {reason}. Retry the job: it goes on where it stopped")


if __name__ == "__main__":
    main()
