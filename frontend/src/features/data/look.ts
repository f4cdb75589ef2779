import type { DatasetFormat, EasyReport, Preview, Row } from "@/client/queries/datasets";
import { plural } from "@/lib/format";

/** A line or row, and what is to be said of it. */
export interface Remark {
  where: string;
  question: string;
  reason: string;
}

/** What adding would make of rows, wherever they come from. */
export interface Look {
  format: DatasetFormat | null;
  /** Rows that would be in the data set. */
  rows: number;
  left: Remark[];
  leftCount: number;
  /** Rows with a bad line refuse the whole file unless one says to leave them out; other sources leave them out by themselves. */
  mustAgree: boolean;
  remarks: Remark[];
  remarksCount: number;
  first: Row[];
  name: string;
  /** In a few words what else is known of them: "11 confirmed", "3 questions twice". */
  also: string[];
}

export function lookOf(preview: Preview): Look {
  return {
    format: preview.format,
    rows: preview.rows,
    left: preview.bad.map(({ line, reason }) => ({ where: `line ${line}`, question: "", reason })),
    leftCount: preview.bad_count,
    mustAgree: preview.bad_count > 0,
    remarks: [],
    remarksCount: 0,
    first: preview.first,
    name: preview.name,
    also: [],
  };
}

export function lookOfReport(report: EasyReport): Look {
  const note = ({ row, question, reason }: EasyReport["left_out"][number]): Remark => ({ where: row, question, reason });
  return {
    format: report.format,
    rows: report.taken,
    left: report.left_out.map(note),
    leftCount: report.left_out_count,
    mustAgree: false,
    remarks: report.remarks.map(note),
    remarksCount: report.remarks_count,
    first: report.first,
    name: report.name,
    also: [
      report.confirmed == null ? null : `${report.confirmed} confirmed`,
      report.reasoning ? `${report.reasoning} with reasoning` : null,
      report.duplicates ? `${plural(report.duplicates, "question")} asked before` : null,
    ].filter((each) => each !== null),
  };
}

export const FORMAT_WORDS: Record<DatasetFormat, string> = {
  messages: "messages",
  alpaca: "alpaca",
  "prompt-completion": "prompt/completion",
};

/** "120 rows · messages · 3 with reasoning" */
export function summaryOf(look: Look): string {
  return [plural(look.rows, "row"), look.format && FORMAT_WORDS[look.format], ...look.also].filter(Boolean).join(" · ");
}
