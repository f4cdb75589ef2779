import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/SegmentedControl.layer.css";

import { Button, Group, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";

import { importModel } from "@/client/queries/artifacts";
import { artifactsQuery } from "@/client/queries/lists";
import { FilePicker } from "@/components/files/FilePicker";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { useDraft } from "@/components/useDraft";
import { againstName } from "@/lib/names";

import { againstReference, formFrom, nameFor, NEW, requestOf, type AddForm } from "./request";
import type { AddWay } from "./search";

const route = getRouteApi("/models");

const WAYS: { value: AddWay; label: string }[] = [
  { value: "starter", label: "Starter" },
  { value: "hub", label: "From Hugging Face" },
  { value: "folder", label: "A folder here" },
];

/** The dialog in which a base model is asked for. It ends with a job, which the page of models follows. */
export function AddModel({ way }: { way: AddWay }) {
  const navigate = route.useNavigate();
  const go = (add: AddWay | undefined) => void navigate({ search: (before) => ({ ...before, add }), replace: true });
  const { value: form, set, reset } = useDraft("add-model", NEW, formFrom);
  const start = useMutation({
    mutationFn: importModel,
    onSuccess: () => {
      reset();
      go(undefined);
    },
  });
  const taken = useTaken(form.name || nameFor(way, form));
  const request = taken ? null : requestOf(way, form);
  return (
    <Modal opened onClose={() => go(undefined)} title="Bring in a base model" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (request) start.mutate(request);
        }}
      >
        <Stack gap="md">
          <SegmentedControl
            fullWidth
            aria-label="Where it comes from"
            data={WAYS}
            value={way}
            onChange={(value) => {
              start.reset();
              go(value);
            }}
          />
          <Reference way={way} form={form} set={set} />
          <TextInput
            label="Name"
            description="What it is called here; made from its source when left empty."
            placeholder={nameFor(way, form)}
            value={form.name}
            onChange={({ currentTarget }) => set({ name: currentTarget.value })}
            error={againstName(form.name) ?? taken}
            maxLength={80}
          />
          {start.error && <ProblemAlert error={start.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => go(undefined)}>
              Cancel
            </Button>
            <Button type="submit" disabled={!request} loading={start.isPending}>
              Bring in
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Why a base can't get this name: there is one. */
function useTaken(name: string): string | null {
  const { data } = useQuery(artifactsQuery);
  const taken = data?.artifacts.some(({ id }) => id === `models/base/${name}`);
  return taken ? `There is a base model “${name}” already. Give this one another name.` : null;
}

function Reference({ way, form, set }: { way: AddWay; form: AddForm; set: (next: Partial<AddForm>) => void }) {
  if (way === "starter") {
    return (
      <Text size="sm">
        SmolLM2-135M-Instruct: a small model that any machine trains within minutes, to see the whole way before a larger one is
        brought in. It takes about 275 MB of disk, and is fetched from the package index, so no account is needed.
      </Text>
    );
  }
  if (way === "folder") return <Folder form={form} set={set} />;
  return (
    <TextInput
      label="Model"
      description={
        <>
          owner/name or owner/name@revision, as on Hugging Face or your mirror of it. A gated one needs HF_TOKEN in the environment of{" "}
          <code>tunesmith up</code>.
        </>
      }
      placeholder="owner/name"
      value={form.hub}
      onChange={({ currentTarget }) => set({ hub: currentTarget.value })}
      error={againstReference(way, form)}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
    />
  );
}

function Folder({ form, set }: { form: AddForm; set: (next: Partial<AddForm>) => void }) {
  const [picking, setPicking] = useState(false);
  return (
    <>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label="Folder"
          description="Of a Hugging Face model: a config.json, and weights as safetensors. It is copied."
          placeholder="/path/to/a/model"
          value={form.folder}
          onChange={({ currentTarget }) => set({ folder: currentTarget.value })}
          error={againstReference("folder", form)}
          autoComplete="off"
          spellCheck={false}
          flex={1}
          data-autofocus
        />
        <Button variant="default" onClick={() => setPicking(true)}>
          Choose
        </Button>
      </Group>
      <FilePicker
        opened={picking}
        title="A folder with a model"
        kind="folder"
        start={form.folder.startsWith("/") ? form.folder : ""}
        close={() => setPicking(false)}
        onPick={(folder) => set({ folder })}
      />
    </>
  );
}
