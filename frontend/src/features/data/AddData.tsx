import "@mantine/core/styles/Tabs.layer.css";

import { Modal, Stack, Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";

import { AddExport } from "./AddExport";
import { AddFile } from "./AddFile";
import { AddHere } from "./AddHere";
import { EasyDataset } from "./EasyDataset";
import type { AddWay } from "./search";

const route = getRouteApi("/data");

const WAYS: { value: AddWay; label: string }[] = [
  { value: "file", label: "Upload" },
  { value: "here", label: "File on this machine" },
  { value: "easy-dataset", label: "easy-dataset" },
  { value: "export", label: "Exported by easy-dataset" },
];

/** The dialog in which rows are added, whichever way; it ends on the new data set's page. */
export function AddData({ way, dropped }: { way: AddWay; dropped: File | null }) {
  const navigate = route.useNavigate();
  const go = useCallback(
    (add: AddWay | undefined) => void navigate({ search: (before) => ({ ...before, add }), replace: true }),
    [navigate],
  );
  const done = useCallback((name: string) => void navigate({ to: "/data/$name", params: { name } }), [navigate]);
  const given = { done, cancel: () => go(undefined) };
  return (
    <Modal opened onClose={() => go(undefined)} title="Add rows" size="xl" closeButtonProps={{ "aria-label": "Close" }}>
      <Tabs value={way} onChange={(value) => go(WAYS.find((each) => each.value === value)?.value)} keepMounted={false}>
        <Tabs.List mb="md">
          {WAYS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {WAYS.map(({ value }) => (
          <Tabs.Panel key={value} value={value}>
            <Stack gap="md">
              {value === "file" && <AddFile dropped={dropped} {...given} />}
              {value === "here" && <AddHere {...given} />}
              {value === "easy-dataset" && <EasyDataset {...given} />}
              {value === "export" && <AddExport {...given} />}
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Modal>
  );
}
