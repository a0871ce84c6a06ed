import { Anchor, Code, Text } from "@mantine/core";
import type { ReactNode } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import classes from "./conversations.module.css";

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </Anchor>
  ),
  code: ({ children }) => <Code>{children}</Code>,
};

/** What an agent said, as its visitor read it. Nothing in it becomes markup of its own, and no picture is asked for elsewhere. */
export function MarkdownText({ text }: { readonly text: string }): ReactNode {
  return (
    <Text component="div" size="sm" className={classes.prose} dir="auto">
      <Markdown
        remarkPlugins={PLUGINS}
        components={COMPONENTS}
        disallowedElements={["img", "input"]}
        unwrapDisallowed
      >
        {text}
      </Markdown>
    </Text>
  );
}
