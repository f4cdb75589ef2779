import { Code } from "../Copyable";
import { curl, python } from "./snippets";
import classes from "./UseFromCode.module.css";

/** How a program asks a served model, through this very address. */
export function UseFromCode({ model }: { model: string }) {
  return (
    <div className={classes.ways}>
      <p>
        OpenAI-compatible, at <code>{location.origin}/v1</code> under the name <code dir="auto">{model}</code>. The key is what{" "}
        <code>tunesmith token</code> prints.
      </p>
      <div>
        <h3 className={classes.title}>By curl</h3>
        <Code text={curl(location.origin, model)} what="the curl command" />
      </div>
      <div>
        <h3 className={classes.title}>From Python</h3>
        <Code text={python(location.origin, model)} what="the Python lines" />
      </div>
      {location.protocol === "https:" && (
        <p>
          This address has a certificate of Tunesmith’s own: <code>tunesmith trust</code> says how curl and Python come to trust it.
        </p>
      )}
    </div>
  );
}
