import {
  IconActivity,
  IconBox,
  IconBroadcast,
  IconDatabase,
  IconFileZip,
  IconFlag,
  IconFolderQuestion,
  IconGitMerge,
  IconPuzzle,
  IconPuzzle2,
  IconQuestionMark,
  type TablerIcon,
} from "@tabler/icons-react";

import type { NodeKind } from "./tree";

const ICONS: Record<NodeKind | "dataset" | "missing", TablerIcon> = {
  base: IconBox,
  adapter: IconPuzzle,
  checkpoint: IconFlag,
  merged: IconGitMerge,
  gguf: IconFileZip,
  "gguf-adapter": IconPuzzle2,
  served: IconBroadcast,
  run: IconActivity,
  group: IconFolderQuestion,
  dataset: IconDatabase,
  missing: IconQuestionMark,
};

/** The kind of a thing as a picture; its word stands beside it. */
export function KindIcon({ kind, size = 18 }: { kind: NodeKind | "dataset" | "missing"; size?: number }) {
  const Icon = ICONS[kind];
  return <Icon size={size} stroke={1.6} aria-hidden style={{ flex: "none" }} />;
}
