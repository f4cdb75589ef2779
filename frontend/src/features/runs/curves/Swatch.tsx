import type { Look } from "./look";

/** A curve's colour and stroke, as the chart draws it. */
export function Swatch({ look }: { look: Look }) {
  return (
    <svg width="28" height="8" viewBox="0 0 28 8" aria-hidden style={{ flex: "none" }}>
      <line x1="0" y1="4" x2="28" y2="4" stroke={`var(${look.colour})`} strokeWidth="2.5" strokeDasharray={look.dash.join(" ") || undefined} />
    </svg>
  );
}
