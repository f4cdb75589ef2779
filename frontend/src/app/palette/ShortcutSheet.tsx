import { Kbd, Modal } from "@mantine/core";

import { PAGES } from "../frame/pages";
import classes from "./ShortcutSheet.module.css";

const GENERAL: [string[], string][] = [
  [["Ctrl", "K"], "go to anything"],
  [["/"], "search on this page"],
  [["?"], "this sheet"],
  [["Esc"], "close what lies over the page"],
];

const LOGS: [string[], string][] = [
  [["Ctrl", "F"], "search in the log that has the focus"],
  [["Enter"], "next match; with Shift the one before"],
  [["End"], "follow the log"],
];

const CHAT: [string[], string][] = [
  [["Enter"], "send; with Shift a new line"],
  [["Esc"], "stop the answer"],
];

export default function ShortcutSheet({ close }: { close: () => void }) {
  const pages: [string[], string][] = PAGES.map((page) => [["g", page.key], page.label]);
  return (
    <Modal opened onClose={close} title="Keyboard shortcuts" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className={classes.columns}>
        <Keys title="Go to" keys={pages} />
        <div>
          <Keys title="Everywhere" keys={GENERAL} />
          <Keys title="In a log" keys={LOGS} />
          <Keys title="In the chat" keys={CHAT} />
        </div>
      </div>
    </Modal>
  );
}

function Keys({ title, keys }: { title: string; keys: [string[], string][] }) {
  return (
    <section>
      <h3 className={classes.title}>{title}</h3>
      <dl className={classes.keys}>
        {keys.map(([pressed, does]) => (
          <div key={does} className={classes.row}>
            <dt>
              {pressed.map((key) => (
                <Kbd key={key} mr={4}>
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
