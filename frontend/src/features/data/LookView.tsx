import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";

import { count, plural } from "@/lib/format";

import classes from "./LookView.module.css";
import { summaryOf, type Look, type Remark } from "./look";
import { RowView } from "./RowView";

/** What would come of the rows: how many, what is left out and why, and how the first look. */
export function LookView({ look, dim = false }: { look: Look; dim?: boolean }) {
  return (
    <div className={classes.look} data-dim={dim || undefined} aria-busy={dim}>
      <p className={classes.summary} data-bad={look.rows === 0 || undefined} aria-live="polite">
        {look.rows > 0 ? <IconCircleCheck size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />}
        {look.rows > 0 ? summaryOf(look) : "No row can be used. A row is a chat (messages), an instruction with its output (alpaca), or a prompt with its completion."}
      </p>
      <Remarks
        title={look.mustAgree ? `${plural(look.leftCount, "line")} can’t be used` : `${plural(look.leftCount, "row")} left out`}
        remarks={look.left}
        all={look.leftCount}
        open={look.leftCount > 0 && look.leftCount <= 20}
      />
      <Remarks title={plural(look.remarksCount, "remark")} remarks={look.remarks} all={look.remarksCount} open={false} />
      {look.first.length > 0 && (
        <div className={classes.first} role="region" aria-label="The first rows" tabIndex={0}>
          {look.first.map((row, index) => (
            <div key={index} className={classes.row}>
              <RowView row={row} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

export function Remarks({ title, remarks, all, open }: { title: string; remarks: readonly Remark[]; all: number; open: boolean }) {
  if (all === 0) return null;
  const more = all - remarks.length;
  return (
    <details className={classes.remarks} open={open}>
      <summary>
        <IconAlertTriangle size={16} aria-hidden /> {title}
      </summary>
      <div className={classes.scroll} role="region" aria-label={title} tabIndex={0}>
        <table className={classes.table}>
          <thead className="spoken">
            <tr>
              <th scope="col">Where</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {remarks.map(({ where, question, reason }, index) => (
              <tr key={index}>
                <td className={classes.where}>{where}</td>
                <td>
                  {reason}
                  {question && (
                    <span className={classes.question} dir="auto">
                      {question}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {more > 0 && <p className={classes.more}>and {count(more)} more</p>}
      </div>
    </details>
  );
}
