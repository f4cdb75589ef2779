import { expect, it } from "vitest";

import type { Machine, MachineLoad } from "../types";
import { gpuMemoryName, gpuName, sampleOfMachine, samplesOfMachine } from "./machine";

const now: Machine = {
  measured_at: "2026-01-01T00:00:00Z",
  cores: 2,
  cpu_percent: 25,
  memory_used_bytes: 10,
  memory_bytes: 40,
  disk_free_bytes: 30,
  disk_bytes: 100,
  accelerators: [{ index: 1, name: "GPU", utilisation_percent: null, memory_used_bytes: 7, memory_bytes: 9 }],
};

it("a measurement has the disk's use and each GPU under its own name", () => {
  expect(sampleOfMachine(now).values).toEqual({
    cpu_percent: 25,
    memory_used_bytes: 10,
    disk_used_bytes: 70,
    [gpuName(1)]: null,
    [gpuMemoryName(1)]: 7,
  });
  expect(sampleOfMachine({ ...now, disk_free_bytes: null }).values.disk_used_bytes).toBeNull();
});

it("a history has the same values by name", () => {
  const load: MachineLoad = {
    now,
    history: {
      every_seconds: 5,
      cpu_percent: [null, 25],
      memory_used_bytes: [9, 10],
      disk_free_bytes: [null, 30],
      accelerators: [{ index: 1, utilisation_percent: [50, null], memory_used_bytes: [6, 7] }],
    },
  };
  const samples = samplesOfMachine(load);
  expect(samples.map((each) => each.values.disk_used_bytes)).toEqual([null, 70]);
  expect(samples[1]?.values).toEqual(sampleOfMachine(now).values);
});
