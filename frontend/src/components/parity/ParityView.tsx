import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useState } from "react";

import { Words } from "@/components/Words";

import { Canary, RealCalls, SystemPromptCheck } from "./Beside";
import { Comparison } from "./Comparison";
import { Matrix } from "./Matrix";
import classes from "./ParityView.module.css";
import { chatsOf, columnsOf, mendedWords, type Column, type ParityReport } from "./report";

interface Props {
  /** Of one release, or of several beside each other. */
  reports: readonly ParityReport[];
  /** The cell that is open, where somebody keeps it (in the address, say): `<column>/<chat>`. */
  cell?: string | undefined;
  onCell?: (cell: string | undefined) => void;
}

/** Whether what is served is what was trained: all test chats on all engines, and what the first difference of each means. */
export function ParityView({ reports, cell, onCell }: Props) {
  const [own, setOwn] = useState<string>();
  const columns = columnsOf(reports);
  const open = onCell ? cell : own;
  const choose = onCell ?? setOwn;
  const found = open === undefined ? null : cellAt(columns, open);
  return (
    <div className={classes.view}>
      {reports.map((report, index) => (
        <Sentence key={index} report={report} />
      ))}
      <div className={classes.columns}>
        <Matrix columns={columns} chats={chatsOf(columns)} open={open} onOpen={choose} />
        <div className={classes.detail} aria-live="polite">
          {found ? <Comparison column={found.column} chat={found.chat} /> : <Hint columns={columns} />}
        </div>
      </div>
      {reports.map((report, index) => (
        <div key={index} className={classes.beside}>
          <RealCalls report={report} />
          {report.canary && <Canary canary={report.canary} />}
          {report.system_prompt && <SystemPromptCheck check={report.system_prompt} />}
        </div>
      ))}
    </div>
  );
}

function Sentence({ report }: { report: ParityReport }) {
  const good = report.verdict !== "blocked";
  const Icon = good ? IconCircleCheck : IconCircleX;
  return (
    <p className={classes.sentence} data-tone={good ? "good" : "bad"}>
      <Icon size={20} aria-hidden className={classes.icon} />
      <span>
        <strong>{heading(report)}</strong>{" "}
        <span className={classes.dim}>
          <Words text={report.sentence} />
        </span>
      </span>
    </p>
  );
}

function heading(report: ParityReport): string {
  if (report.verdict === "mended") return mendedWords(report);
  return report.verdict === "equal"
    ? "What is served is what was trained."
    : "What would be served isn’t what was trained, so it wasn’t released.";
}

function Hint({ columns }: { columns: Column[] }) {
  const differ = columns.some(({ round }) => round.chats.some((chat) => !chat.equal));
  return (
    <p className={classes.hint}>
      {differ ? "Choose a cell to see both sides token by token." : "All chats are equal. Choose one to see its text."}
    </p>
  );
}

function cellAt(columns: readonly Column[], cell: string) {
  const cut = cell.indexOf("/");
  const column = columns.find((each) => each.key === cell.slice(0, cut));
  const chat = column?.round.chats.find((each) => each.name === cell.slice(cut + 1));
  return column && chat ? { column, chat } : null;
}
