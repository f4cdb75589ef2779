import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Checkbox.layer.css";

import { Checkbox, NativeSelect, Stack, Textarea } from "@mantine/core";

import type { ExportChoice } from "@/client/queries/datasets";

import type { EasyForm } from "./easy";

type Options = Pick<EasyForm, "reasoning" | "system" | "format">;

/** How rows of easy-dataset are written, whether they come from its API or from a file. */
export function EasyOptions({ options, set, disabled }: { options: Options; set: (next: Partial<Options>) => void; disabled?: boolean }) {
  return (
    <Stack gap="md">
      <Checkbox
        label="With reasoning"
        description="Written into the answer as <think>…</think>, as easy-dataset’s own export does."
        checked={options.reasoning}
        disabled={disabled}
        onChange={({ currentTarget }) => set({ reasoning: currentTarget.checked })}
      />
      <NativeSelect
        label="Format"
        description="As near as possible: what its rows need the least change for."
        data={[
          { value: "", label: "As near as possible" },
          { value: "messages", label: "messages" },
          { value: "alpaca", label: "alpaca" },
        ]}
        value={options.format}
        disabled={disabled}
        onChange={({ currentTarget }) => set({ format: currentTarget.value as ExportChoice["format"] })}
      />
      <Textarea
        label="System prompt"
        description="Put before rows that have none. May stay empty."
        autosize
        minRows={1}
        maxRows={6}
        maxLength={20_000}
        value={options.system}
        disabled={disabled}
        onChange={({ currentTarget }) => set({ system: currentTarget.value })}
      />
    </Stack>
  );
}
