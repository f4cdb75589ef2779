import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";

import { PAGES } from "../frame/pages";
import { currentSheet, openPalette, openShortcuts, show, subscribeSheet } from "./open";

const Palette = lazy(() => import("./Palette"));
const ShortcutSheet = lazy(() => import("./ShortcutSheet"));

/** Two keys are a shortcut when they come within this time. */
const SEQUENCE_MS = 1_200;

/** Keys that work everywhere, and the sheets that they open. */
export function Shortcuts() {
  const sheet = useSyncExternalStore(subscribeSheet, currentSheet);
  useKeys();
  return (
    <Suspense fallback={null}>
      {sheet === "palette" && <Palette close={() => show(null)} />}
      {sheet === "shortcuts" && <ShortcutSheet close={() => show(null)} />}
    </Suspense>
  );
}

function useKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let waitsSince = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || currentSheet()) return;
      const second = event.timeStamp - waitsSince < SEQUENCE_MS;
      waitsSince = 0;
      if (second) {
        const page = PAGES.find((each) => each.key === event.key);
        if (page) void navigate({ to: page.to });
      } else if (event.key === "g") {
        waitsSince = event.timeStamp;
      } else if (event.key === "?") {
        openShortcuts();
      } else if (event.key === "/") {
        focusSearch(event);
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [navigate]);
}

/** The page's own search field, where it has one. */
function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
