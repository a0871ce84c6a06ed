import { Fragment, type JSX, type VNode } from "preact";
import type { Block, Inline } from "../markdown.js";
import { isParserHere, readMarkdown } from "../markdown-parser.js";
import { STRINGS } from "../strings.js";
import { readLanguage } from "../text-language.js";
import { CopyButton } from "./copy-button.js";

/**
 * A browser's page translation puts elements of its own in place of our texts, so that a text that is changed later
 * would change out of sight. Words that still arrive are not translated, and what is said is drawn as a whole, once.
 */
export function Markdown({ text, streaming }: { text: string; streaming: boolean }): JSX.Element {
  return (
    <div
      key={streaming ? "streaming" : `${isParserHere.value} ${text}`}
      class="prose"
      translate={!streaming}
      dir={readLanguage(text).dir}
    >
      {readMarkdown(text, { streaming }).map(drawBlock)}
    </div>
  );
}

/** Each block has a language and a direction: an answer may have several. */
function drawBlock(block: Block, key: number): VNode {
  if (block.type === "code") {
    return (
      <div key={key} class="code">
        <pre tabIndex={0} dir="ltr" translate={false}>
          <code>{block.text}</code>
        </pre>
        <CopyButton text={() => block.text} />
      </div>
    );
  }
  const common = { key, ...readLanguage(textOf(block)) };
  switch (block.type) {
    case "paragraph":
      return <p {...common}>{block.children.map(drawInline)}</p>;
    case "heading":
      // The page's own outline ends above the transcript: a message adds nothing to it.
      return (
        <p {...common} class={`heading level-${block.level}`}>
          {block.children.map(drawInline)}
        </p>
      );
    case "quote":
      return <blockquote {...common}>{block.children.map(drawBlock)}</blockquote>;
    case "rule":
      return <hr key={key} />;
    case "list": {
      const items = block.items.map((item, index) => <li key={index}>{drawItem(item)}</li>);
      return block.start === undefined ? (
        <ul {...common}>{items}</ul>
      ) : (
        <ol {...common} start={block.start}>
          {items}
        </ol>
      );
    }
    case "table":
      return (
        <div
          {...common}
          class="table"
          tabIndex={0}
          role="group"
          aria-label={block.head.map(wordsOf).join(", ")}
        >
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index} scope="col" data-align={block.columns[index]}>
                    {cell.map(drawInline)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column} data-align={block.columns[column]}>
                      {cell.map(drawInline)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

/** The words of a block, as far as they say its language: code is of none. */
function textOf(block: Block): string {
  switch (block.type) {
    case "paragraph":
    case "heading":
      return wordsOf(block.children);
    case "quote":
      return block.children.map(textOf).join(" ");
    case "list":
      return block.items.flat().map(textOf).join(" ");
    case "table":
      return [block.head, ...block.rows].flat().map(wordsOf).join(" ");
    case "code":
    case "rule":
      return "";
  }
}

function wordsOf(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if ("children" in node) return wordsOf(node.children);
      return node.type === "text" ? node.text : " ";
    })
    .join("");
}

/** One line in a list item needs no paragraph around it. */
function drawItem(blocks: Block[]): VNode {
  const [first, ...rest] = blocks;
  if (first?.type !== "paragraph") return <Fragment>{blocks.map(drawBlock)}</Fragment>;
  return (
    <Fragment>
      <span dir="auto">{first.children.map(drawInline)}</span>
      {rest.map(drawBlock)}
    </Fragment>
  );
}

function drawInline(node: Inline, key: number): VNode | string {
  switch (node.type) {
    case "text":
      return node.text;
    case "code":
      return <code key={key}>{node.text}</code>;
    case "break":
      return <br key={key} />;
    case "strong":
      return <strong key={key}>{node.children.map(drawInline)}</strong>;
    case "emphasis":
      return <em key={key}>{node.children.map(drawInline)}</em>;
    case "strike":
      return <s key={key}>{node.children.map(drawInline)}</s>;
    case "link":
      return (
        <a key={key} href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {node.children.map(drawInline)}
          <span class="sr-only"> {STRINGS.newWindow}</span>
        </a>
      );
  }
}
