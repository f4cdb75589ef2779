import {
  IconActivity,
  IconBox,
  IconDatabase,
  IconHome,
  IconListDetails,
  IconMessages,
  IconRocket,
  IconServer2,
  IconStack2,
  type TablerIcon,
} from "@tabler/icons-react";

export interface PageEntry {
  to: "/" | "/data" | "/runs" | "/models" | "/release" | "/chat" | "/jobs" | "/services" | "/system";
  label: string;
  icon: TablerIcon;
  /** The second key of its shortcut: g, then this. */
  key: string;
  /** What one finds there, for the palette. */
  about: string;
}

/** The rail follows the way of the work: data → runs → models → release → chat. */
export const WORK: readonly PageEntry[] = [
  { to: "/", label: "Home", icon: IconHome, key: "h", about: "Is all well, what runs, what next" },
  { to: "/data", label: "Data", icon: IconDatabase, key: "d", about: "Data sets and their rows" },
  { to: "/runs", label: "Runs", icon: IconActivity, key: "r", about: "Trainings and their curves" },
  { to: "/models", label: "Models", icon: IconBox, key: "m", about: "Bases, adapters, merged models, GGUF files" },
  { to: "/release", label: "Release", icon: IconRocket, key: "l", about: "From an adapter to a served name" },
  { to: "/chat", label: "Chat", icon: IconMessages, key: "c", about: "Talk to two models at once" },
  { to: "/jobs", label: "Jobs", icon: IconListDetails, key: "j", about: "What runs, what ran, their logs" },
];

export const HOUSE: readonly PageEntry[] = [
  { to: "/services", label: "Services", icon: IconStack2, key: "s", about: "The tools: state, load, logs, their own pages" },
  { to: "/system", label: "System", icon: IconServer2, key: "y", about: "This machine, doctor, toolboxes, settings" },
];

export const PAGES: readonly PageEntry[] = [...WORK, ...HOUSE];

/** The five of the bottom bar on a phone; the others are in its menu. */
export const ON_PHONE: readonly PageEntry["to"][] = ["/", "/runs", "/release", "/chat", "/jobs"];
