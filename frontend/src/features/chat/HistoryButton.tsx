import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";

import classes from "./Chat.module.css";
import { History } from "./History";
import type { ChatSession } from "./session";

export function HistoryButton({ session }: { session: ChatSession }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" className={classes.act} leftSection={<IconHistory size={16} aria-hidden />} onClick={() => setOpened(true)}>
        History
      </Button>
      {opened && <History session={session} close={() => setOpened(false)} />}
    </>
  );
}
