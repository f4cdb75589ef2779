import type { EasyImport, ExportChoice } from "@/client/queries/datasets";

export const CONTENTS = ["rows", "conversations", "evaluation"] as const;
export type Content = (typeof CONTENTS)[number];

/** What is chosen in the form of easy-dataset, as it is kept. */
export interface EasyForm {
  project: string;
  content: Content;
  confirmed: boolean;
  reasoning: boolean;
  system: string;
  format: ExportChoice["format"];
}

export const NEW_EASY: EasyForm = { project: "", content: "rows", confirmed: false, reasoning: true, system: "", format: "" };

const FORMATS = ["", "alpaca", "messages"] as const;

export function easyFrom(stored: Record<string, unknown>): EasyForm {
  const word = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    project: word(stored.project),
    content: CONTENTS.find((each) => each === stored.content) ?? NEW_EASY.content,
    confirmed: stored.confirmed === true,
    reasoning: stored.reasoning !== false,
    system: word(stored.system),
    format: FORMATS.find((each) => each === stored.format) ?? "",
  };
}

/** The request that the form means. Evaluation sets know no confirmed rows. */
export function wantedOf(form: EasyForm, name?: string): EasyImport {
  const { project, content, reasoning, system, format } = form;
  return {
    project,
    content,
    confirmed: form.confirmed && content !== "evaluation",
    reasoning,
    system,
    ...(format ? { format } : {}),
    ...(name ? { name } : {}),
  };
}
