import type { components } from "@/client/schema";

export type Token = components["schemas"]["Token"];

/** A token with its white space visible; `ends`: a line ends with it. Bytes that are no text by themselves stand in hex. */
export function pieceOf(token: Token): { text: string; ends: boolean } {
  const { piece } = token;
  if (typeof piece !== "string") return { text: `‹${piece.map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}›`, ends: false };
  const text = piece.replaceAll(" ", "·").replaceAll("\t", "→").replaceAll("\r", "␍").replaceAll("\n", "⏎");
  return { text: text || "∅", ends: piece.endsWith("\n") };
}
