import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import { serverNow } from "../clock";
import { samplesOf, type Sample } from "../history";
import type { Machine, MachineLoad } from "../types";
import { historyKeys } from "./history";

const ask = (signal: AbortSignal) => dataOf(api.GET("/api/system/load", { signal }));

/** Tunesmith has only just started: it is asked again so soon. */
const UNMEASURED_MS = 500;

/** How busy this machine is now. The stream of events keeps it; null before the first measurement. */
export const machineQuery = queryOptions<Machine | null>({
  queryKey: ["machine", "now"],
  queryFn: async ({ signal }) => (await ask(signal)).now ?? null,
  refetchInterval: ({ state }) => (state.data === null ? UNMEASURED_MS : false),
});

export const machineHistoryQuery = queryOptions<Sample[]>({
  queryKey: historyKeys.machine,
  queryFn: async ({ signal }) => samplesOfMachine(await ask(signal)),
  refetchOnWindowFocus: true,
});

/** The disk is drawn by what is used of it, like the rest. */
export function samplesOfMachine({ now, history }: MachineLoad): Sample[] {
  const { every_seconds, cpu_percent, memory_used_bytes, disk_free_bytes, accelerators } = history;
  const disk_used_bytes = disk_free_bytes.map((free) => used(free, now?.disk_bytes));
  const rows: Record<string, (number | null)[]> = { cpu_percent, memory_used_bytes, disk_used_bytes };
  for (const each of accelerators) {
    rows[gpuName(each.index)] = each.utilisation_percent;
    rows[gpuMemoryName(each.index)] = each.memory_used_bytes;
  }
  return samplesOf(every_seconds, rows, serverNow());
}

export function sampleOfMachine(now: Machine): Sample {
  const values: Record<string, number | null> = {
    cpu_percent: now.cpu_percent ?? null,
    memory_used_bytes: now.memory_used_bytes ?? null,
    disk_used_bytes: used(now.disk_free_bytes, now.disk_bytes),
  };
  for (const each of now.accelerators) {
    values[gpuName(each.index)] = each.utilisation_percent ?? null;
    values[gpuMemoryName(each.index)] = each.memory_used_bytes ?? null;
  }
  return { at: serverNow(), values };
}

/** Names of a GPU's values in a sample. */
export const gpuName = (index: number): string => `gpu-${index}`;
export const gpuMemoryName = (index: number): string => `gpu-${index}-memory`;

function used(free: number | null | undefined, all: number | null | undefined): number | null {
  return free == null || all == null ? null : all - free;
}
