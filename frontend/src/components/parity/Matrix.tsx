import { IconCheck, IconEqual, IconX } from "@tabler/icons-react";

import classes from "./Matrix.module.css";
import { cellWords, chatTitle, tally, verdictOf, type Column, type ComparedChat, type Verdict } from "./report";

interface Props {
  columns: Column[];
  chats: string[];
  open: string | undefined;
  onOpen: (cell: string | undefined) => void;
}

/** Chats down, engines with their templates across. */
export function Matrix({ columns, chats, open, onOpen }: Props) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Chats compared on each engine">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Chat</th>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-unused={column.unused || undefined}>
                <span className={classes.engine}>{column.engine}</span>
                <span className={classes.template}>{column.template}</span>
                <span className={classes.tally}>
                  {tally(column.round)}
                  {column.unused && ", not used"}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chats.map((name) => (
            <tr key={name}>
              <th scope="row">{chatTitle(name)}</th>
              {columns.map((column) => {
                const chat = column.round.chats.find((each) => each.name === name);
                const key = `${column.key}/${name}`;
                return (
                  <td key={column.key} data-unused={column.unused || undefined}>
                    {chat ? (
                      <Cell chat={chat} where={`${column.engine}, ${column.template}`} open={open === key} onOpen={() => onOpen(open === key ? undefined : key)} />
                    ) : (
                      "–"
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const ICONS: Record<Verdict, typeof IconCheck> = { equal: IconCheck, accepted: IconEqual, differs: IconX, refused: IconX };

function Cell({ chat, where, open, onOpen }: { chat: ComparedChat; where: string; open: boolean; onOpen: () => void }) {
  const verdict = verdictOf(chat);
  const Icon = ICONS[verdict];
  const words = cellWords(chat);
  return (
    <button
      type="button"
      className={classes.cell}
      data-verdict={verdict}
      aria-pressed={open}
      aria-label={`${chatTitle(chat.name)}, ${where}: ${words}`}
      onClick={onOpen}
    >
      <Icon size={16} aria-hidden className={classes.icon} />
      <span>{words}</span>
    </button>
  );
}
