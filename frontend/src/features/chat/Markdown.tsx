import { memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

import { Copy } from "@/components/Copyable";

import classes from "./Markdown.module.css";
import { safeHref } from "./links";

/** What a model wrote, as Markdown. HTML in it is text, images aren't loaded, and links lead to the web alone. */
const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className={classes.markdown} dir="auto">
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={(url) => safeHref(url) ?? ""}>
        {text}
      </ReactMarkdown>
    </div>
  );
});

export default Markdown;

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  img: ({ alt, src }) => <span className={classes.image}>[image{alt ? `: ${alt}` : ""}{src ? `, ${src}` : ""}]</span>,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className={classes.table} role="region" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  // An answer stands within a page that has its own headings.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  input: ({ checked }) => <span aria-label={checked ? "done" : "open"}>{checked ? "☑" : "☐"}</span>,
};

function CodeBlock({ children }: { children: ReactNode }) {
  return (
    <div className={classes.code}>
      {/* A region that scrolls is reached by keyboard, too. */}
      <pre tabIndex={0} dir="ltr" aria-label="Code">
        {children}
      </pre>
      <div className={classes.copy}>
        <Copy value={textOf(children)} what="the code" />
      </div>
    </div>
  );
}

/** The text of what Markdown made of a block. */
function textOf(node: ReactNode): string {
  if (typeof node === "string") return node;
  if (Array.isArray(node)) return node.map(textOf).join("");
  if (typeof node === "object" && node !== null && "props" in node) return textOf((node.props as { children?: ReactNode }).children);
  return "";
}
