/** Words for a POSIX shell, as Python's `shlex.quote` writes them, so that a copied command is the one that runs. */
const SAFE = /^[\w@%+=:,./-]+$/;

export function quoted(word: string): string {
  return SAFE.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** A secret stands in a plan as the name of the variable that holds it. */
const SECRET = "env:";

/** One line to paste into a shell. Secrets are taken from the shell's own environment. */
export function commandLine(argv: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const settings = Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value.startsWith(SECRET) ? `${name}="\${${value.slice(SECRET.length)}:-}"` : `${name}=${quoted(value)}`));
  const command = argv.map(quoted);
  return (settings.length ? ["env", ...settings, ...command] : command).join(" ");
}
