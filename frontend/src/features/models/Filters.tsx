import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/Chip.layer.css";

import { Chip, CloseButton, Group, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";

import { plural } from "@/lib/format";
import { useTyped } from "@/lib/useTyped";

import { SHOWN_KINDS, type ModelsSearch, type ShownKind } from "./search";

const route = getRouteApi("/models");

const WORDS: Record<ShownKind, string> = {
  base: "Base models",
  adapter: "Adapters",
  merged: "Merged models",
  gguf: "GGUF",
  "gguf-adapter": "GGUF adapters",
  served: "Served names",
};

/** What of the tree is shown; it stands in the address. `fitting`: how many lines fit, null without a filter. */
export function Filters({ fitting }: { fitting: number | null }) {
  const { q = "", kind = [] } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = (next: Partial<ModelsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const [text, type] = useTyped(q, (typed) => filter({ q: typed || undefined }));
  return (
    <Group gap={12} role="search" aria-label="Filter models">
      <TextInput
        type="search"
        aria-label="Filter by text"
        placeholder="Name, base, quantisation …"
        value={text}
        onChange={({ currentTarget }) => type(currentTarget.value)}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text ? <CloseButton size="sm" aria-label="Clear the text" onClick={() => type("")} /> : null}
        style={{ flex: "1 1 220px", maxWidth: 340 }}
      />
      <Chip.Group multiple value={kind} onChange={(kinds) => filter({ kind: kinds.length ? (kinds) : undefined })}>
        <Group gap={6}>
          {SHOWN_KINDS.map((each) => (
            <Chip key={each} value={each} size="xs" variant="outline">
              {WORDS[each]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <span aria-live="polite" style={{ color: "var(--dim)" }}>
        {fitting === null ? "" : plural(fitting, "line fits", "lines fit")}
      </span>
    </Group>
  );
}
