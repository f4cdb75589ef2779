import { Button } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useRef, useState, type DragEvent } from "react";

import classes from "./DropZone.module.css";

interface Props {
  /** What may be dropped, in words. */
  about: string;
  accept: string;
  take: (file: File) => void;
}

/** Where a file is dropped, or chosen by a button. */
export function DropZone({ about, accept, take }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) take(file);
  };
  return (
    <div
      className={classes.zone}
      data-over={over || undefined}
      role="group"
      aria-label="A file to add"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileUpload size={28} stroke={1.4} aria-hidden />
      <p>Drop a file here, or</p>
      <Button variant="default" onClick={() => input.current?.click()} data-autofocus>
        Choose a file
      </Button>
      <p className={classes.about}>{about}</p>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label="File"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // So that the same file can be chosen again after it was mended.
          currentTarget.value = "";
          if (file) take(file);
        }}
      />
    </div>
  );
}
