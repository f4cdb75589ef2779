"""Where the intermediate artifacts of a release lie. Their names hold a content hash, so equal inputs are made once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.home import Home
from tunesmith.steps.render import Template, rendering_folder


@dataclass(frozen=True)
class Files:
    """Paths for one adapter on one base. Hashes are sha256 in hex, of contents."""

    home: Home
    adapter_name: str
    adapter_hash: str
    base_name: str
    base_hash: str
    template: Template
    corpus_hash: str

    @property
    def stem(self) -> str:
        return f"{self.adapter_name}-{self.adapter_hash[:8]}"

    @property
    def rendering(self) -> Path:
        return rendering_folder(self.home, self.base_hash, self.template, self.corpus_hash)

    @property
    def adapter_gguf(self) -> Path:
        return self.home.models / "adapters" / f"{self.stem}-{self.base_hash[:8]}.gguf"

    @property
    def merged(self) -> Path:
        return self.home.models / "merged" / f"{self.stem}-{self.template.name}"

    def base_gguf(self, quantisation: str) -> Path:
        return self.home.models / "gguf" / f"{self.base_name}-{self.base_hash[:8]}-{quantisation}.gguf"

    def merged_gguf(self, quantisation: str) -> Path:
        return self.home.models / "gguf" / f"{self.stem}-{self.template.name}-{quantisation}.gguf"
