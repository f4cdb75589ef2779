import type { Release } from "@/client/types";

/** What a release takes for itself: its adapter where others may share the base, else all of it. */
export function ownBytes(release: Release): number {
  return total(release.pieces.filter((piece) => !isShared(release, piece.role)));
}

/** Size of the base that an adapter stands on; null for a model of its own. */
export function sharedBytes(release: Release): number | null {
  return release.way === "adapter" ? total(release.pieces.filter((piece) => isShared(release, piece.role))) : null;
}

function isShared(release: Release, role: Release["pieces"][number]["role"]): boolean {
  return release.way === "adapter" && role === "model";
}

function total(pieces: Release["pieces"]): number {
  return pieces.reduce((sum, piece) => sum + piece.bytes, 0);
}
