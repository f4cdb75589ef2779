import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";

import { runConfigQuery } from "@/client/queries/runs";
import type { TrainingSetting } from "@/client/types";
import { useDraft, type FormDraft } from "@/components/useDraft";

import { parseValues, valuesOf, type Values } from "./form";

const NEW: Values = {};
const route = getRouteApi("/train");

/** What an address put into the form, and what stood there before. */
export interface FilledIn {
  like: string;
  /** Settings of that run that a new one can't have. */
  left: string[];
  before: Values;
}

export interface TrainingForm extends Omit<FormDraft<Values>, "set"> {
  set: (next: Values) => void;
  filled: FilledIn | null;
  /** The form as it was before an earlier run's settings were filled in. */
  undo: () => void;
  /** An earlier run's settings couldn't be read. */
  error: Error | null;
}

/** The form of a training: kept while it is typed; an address fills in base, data sets, or all of an earlier run. */
export function useTraining(settings: readonly TrainingSetting[]): TrainingForm {
  const { base, dataset, like } = route.useSearch();
  const navigate = route.useNavigate();
  const cache = useQueryClient();
  const draft = useDraft("train", NEW, parseValues);
  const [filled, setFilled] = useState<FilledIn | null>(null);
  const asked = useQuery({ ...runConfigQuery(like ?? ""), enabled: like !== undefined });
  const arrived = draft.ready && (like === undefined ? base !== undefined || dataset !== undefined : asked.data !== undefined);
  const fill = useEffectEvent(() => {
    const given: Values = { ...(base === undefined ? {} : { base }), ...(dataset === undefined ? {} : { dataset }) };
    const config = like === undefined ? undefined : cache.getQueryData<typeof asked.data>(runConfigQuery(like).queryKey);
    if (like !== undefined && config) {
      setFilled({ like, left: config.again.left, before: draft.value });
      draft.set(() => ({ ...valuesOf(settings, config.again.config), ...given }));
    } else draft.set((before) => ({ ...before, ...given }));
    // A reload must not fill in again what was changed since.
    void navigate({ search: {}, replace: true });
  });
  useEffect(() => {
    if (!arrived) return;
    let gone = false;
    void Promise.resolve().then(() => {
      if (!gone) fill();
    });
    return () => {
      gone = true;
    };
  }, [arrived]);
  return {
    value: draft.value,
    ready: draft.ready && !arrived && (like === undefined || asked.error !== null),
    kept: draft.kept,
    set: (next) => draft.set(() => next),
    reset: () => {
      setFilled(null);
      draft.reset();
    },
    filled,
    undo: () => {
      if (filled) draft.set(() => filled.before);
      setFilled(null);
    },
    error: like === undefined ? null : asked.error,
  };
}
