import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Checkbox.layer.css";

import { Modal } from "@mantine/core";

import { Browser, type Picking } from "./Browser";

interface Props extends Picking {
  opened: boolean;
  title: string;
  close: () => void;
}

/** A dialog in which a file or folder of the machine that Tunesmith runs on is picked, within the folders allowed there. */
export function FilePicker({ opened, title, close, onPick, ...picking }: Props) {
  return (
    <Modal opened={opened} onClose={close} title={title} size="xl" closeButtonProps={{ "aria-label": "Close" }}>
      <Browser
        {...picking}
        onPick={(path, entry) => {
          onPick(path, entry);
          close();
        }}
      />
    </Modal>
  );
}
