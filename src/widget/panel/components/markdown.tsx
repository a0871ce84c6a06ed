import { Fragment, type JSX, type VNode } from "preact";
import type { Block, Inline } from "../markdown.js";
import { readMarkdown } from "../markdown-parser.js";
import { STRINGS } from "../strings.js";

export function Markdown({ text, streaming }: { text: string; streaming: boolean }): JSX.Element {
  return <div class="prose">{readMarkdown(text, { streaming }).map(drawBlock)}</div>;
}

function drawBlock(block: Block, key: number): VNode {
  switch (block.type) {
    case "paragraph":
      return (
        <p key={key} dir="auto">
          {block.children.map(drawInline)}
        </p>
      );
    case "heading":
      // The page's own outline ends above the transcript: a message adds nothing to it.
      return (
        <p key={key} dir="auto" class={`heading level-${block.level}`}>
          {block.children.map(drawInline)}
        </p>
      );
    case "code":
      return (
        <pre key={key} tabIndex={0} dir="ltr">
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote key={key}>{block.children.map(drawBlock)}</blockquote>;
    case "rule":
      return <hr key={key} />;
    case "list": {
      const items = block.items.map((item, index) => <li key={index}>{drawItem(item)}</li>);
      return block.start === undefined ? (
        <ul key={key}>{items}</ul>
      ) : (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      );
    }
    case "table":
      return (
        <div key={key} class="table" tabIndex={0} role="group">
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
