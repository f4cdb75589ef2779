import Anser from "anser";

import { decode, ESCAPE } from "./bytes";

/** How a tool wanted some text to look. Colours are "r, g, b". */
export interface Look {
  fg?: string;
  bg?: string;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
}

/** The colour that is the other one where nothing else was said: of the text that of the page, of the page that of the text. */
export const REVERSE = "reverse";

export interface Span {
  text: string;
  look?: Look;
}

/** Sequences that don't colour: titles and links (OSC), movements of the cursor, character sets. */
const SILENT =
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b\[[<-?][0-?]*[ -/]*m|\x1b\[[0-?]*$|\x1b[()*+#%][0-9A-Za-z]|\x1b(?!\[)[ -~]?/g;
const COLOURS = /\x1b\[[0-9;:]*m/g;
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/g;

/** What a line shows, without its colours. Bytes that are no text become U+FFFD. */
export function plainText(text: string): string {
  const bare = text.includes("\x1b") ? text.replace(SILENT, "").replace(COLOURS, "") : text;
  return bare.replace(CONTROL, "\ufffd");
}

/** Colours lines that follow each other: what one sets and doesn't take back goes on in the next. */
export class Painter {
  private readonly anser = new Anser();

  /** Colours as they are behind `bytes`, which aren't shown. */
  skip(bytes: Uint8Array): void {
    if (!bytes.includes(ESCAPE)) return;
    for (const code of decode(bytes).match(COLOURS) ?? []) this.take(code.slice(2));
  }

  paint(state: Uint8Array): Span[] {
    const text = decode(state);
    if (!state.includes(ESCAPE)) return spans([this.take(`99m${text}`)]);
    const [first = "", ...coloured] = text.replace(SILENT, "").split("\x1b[");
    return spans([this.take(`99m${first}`), ...coloured.map((piece) => this.take(piece))]);
  }

  /** `piece`: the end of a colour's sequence, and the text behind it. 99 is the code of nothing: it asks how things are. */
  private take(piece: string): Span {
    const painted = this.anser.processChunkJson(piece.replace(/^[0-9;:]+m/, semicolons), {}, true);
    const look = lookOf(painted);
    return look ? { text: painted.content, look } : { text: painted.content };
  }
}

/** `38:2::r:g:b` is another way to write `38;2;r;g;b`. */
function semicolons(code: string): string {
  return code.replace(/([34]8):2::?/g, "$1;2;").replaceAll(":", ";");
}

function lookOf(painted: Anser.AnserJsonEntry): Look | undefined {
  // A list that later codes go on to change.
  const decorations = new Set(painted.decorations);
  const reverse = decorations.has("reverse");
  // Its types don't say that they may be null.
  const { fg: front, bg: back } = painted as { fg: string | null; bg: string | null };
  const [fg, bg] = reverse ? [back ?? REVERSE, front ?? REVERSE] : [front, back];
  const look: Look = {
    ...(fg ? { fg } : {}),
    ...(bg ? { bg } : {}),
    ...(decorations.has("bold") ? { bold: true } : {}),
    ...(decorations.has("dim") ? { dim: true } : {}),
    ...(decorations.has("italic") ? { italic: true } : {}),
    ...(decorations.has("underline") ? { underline: true } : {}),
    ...(decorations.has("strikethrough") ? { strike: true } : {}),
  };
  return Object.keys(look).length ? look : undefined;
}

function spans(found: Span[]): Span[] {
  return found.filter((span) => span.text).map((span) => ({ ...span, text: span.text.replace(CONTROL, "\ufffd") }));
}
