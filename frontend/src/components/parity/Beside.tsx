import { plural } from "@/lib/format";

import classes from "./Beside.module.css";
import { chatTitle, type ParityReport } from "./report";

/** Of some chats a real call was made: what the engine evaluated has to be as long as what was compared. */
export function RealCalls({ report }: { report: ParityReport }) {
  const calls = report.rounds.at(-1)?.prompt_length_calls ?? [];
  if (!calls.length) return null;
  const wrong = calls.filter((call) => !call.equal);
  return (
    <section className={classes.box}>
      <h3 className={classes.title}>Real calls</h3>
      {wrong.length === 0 ? (
        <p>
          {plural(calls.length, "real call")} evaluated exactly as many tokens as were compared (
          {calls.map((call) => `${chatTitle(call.name).toLowerCase()}: ${call.prompt_tokens}`).join(", ")}).
        </p>
      ) : (
        <ul>
          {wrong.map((call) => (
            <li key={call.name}>
              {chatTitle(call.name)}: the engine evaluated {call.prompt_tokens} tokens, the compared prompt has {call.expected_tokens}.
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Whether base and tuned model, which share one engine, are kept apart. */
export function Canary({ canary }: { canary: NonNullable<ParityReport["canary"]> }) {
  const { verdict, leaks, questions, warning } = canary;
  return (
    <section className={classes.box}>
      <h3 className={classes.title}>Base and tuned model, in turn</h3>
      <p>
        {verdict === "apart"
          ? "The engine keeps them apart: each answers as from a fresh start, whoever was asked before."
          : "The engine mixes them: an answer depends on who was asked before."}
        {warning && ` ${warning}.`}
      </p>
      {leaks.map((leak) => (
        <p key={`${leak.model} ${leak.question}`}>
          To “{leak.question}” the {leak.model} model answered “{leak.answer}”; from a fresh start it answers “{leak.wanted}”.
        </p>
      ))}
      {questions.length > 0 && (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label="Answers of base and tuned model">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Question</th>
                <th scope="col">Base</th>
                <th scope="col">Tuned</th>
              </tr>
            </thead>
            <tbody>
              {questions.map((each) => (
                <tr key={each.question}>
                  <th scope="row" dir="auto">
                    {each.question}
                  </th>
                  <td dir="auto">{each.base}</td>
                  <td dir="auto">{each.tuned}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** On Ollama the release's system prompt is part of the model. */
export function SystemPromptCheck({ check }: { check: NonNullable<ParityReport["system_prompt"]> }) {
  return (
    <section className={classes.box}>
      <h3 className={classes.title}>The system prompt</h3>
      <p>
        {check.equal
          ? "A chat without a system message is given the release’s own exactly as if it had brought it along."
          : "A chat without a system message isn’t given the release’s own as if it had brought it along."}
      </p>
    </section>
  );
}
