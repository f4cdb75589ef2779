import { Fragment } from "react";

/** Text of the API, in which commands stand between backticks. */
export function Words({ text }: { text: string }) {
  return text.split("`").map((part, index, parts) => {
    const whole = index % 2 === 1 && index < parts.length - 1;
    return <Fragment key={index}>{whole ? <code>{part}</code> : index % 2 === 1 ? `\`${part}` : part}</Fragment>;
  });
}
