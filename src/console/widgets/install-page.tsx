import { useQuery } from "@apollo/client/react";
import { Accordion, Button, Code, CopyButton, Group, Text } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import type { ReactNode } from "react";
import { useParams } from "wouter";
import { WidgetInstallDocument } from "../generated/operations.js";
import { Panel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { WidgetFrame } from "./widget-frame.js";
import { useWidgetWords, type WidgetWords } from "./widget-words.js";

/** What websites are made with, as each calls itself. */
const BUILDERS: readonly (readonly [name: string, help: keyof WidgetWords["install"]])[] = [
  ["HTML", "html"],
  ["WordPress", "wordpress"],
  ["Shopify", "shopify"],
  ["Webflow", "webflow"],
  ["Wix", "wix"],
  ["Squarespace", "squarespace"],
  ["Google Tag Manager", "tagManager"],
  ["React, Next.js", "react"],
];

/** The line that a website pastes, and where. */
export function InstallPage(): ReactNode {
  return (
    <WidgetFrame>
      <Snippet />
    </WidgetFrame>
  );
}

function Snippet(): ReactNode {
  const { words } = useSpeech();
  const { install } = useWidgetWords();
  const { id = "" } = useParams<{ id: string }>();
  const { data, error, refetch } = useQuery(WidgetInstallDocument, { variables: { id } });
  const widget = data?.widget;
  if (error) return <Trouble error={error} onTryAgain={() => void refetch().catch(() => {})} />;
  if (!widget) return <Loading />;
  return (
    <>
      <Panel title={install.title} about={install.about}>
        <Code block aria-label={install.snippet} className={classes.secret}>
          {widget.embedSnippet}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={widget.embedSnippet}>
            {({ copied, copy }) => (
              <Button
                onClick={copy}
                leftSection={
                  copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />
                }
              >
                {copied ? words.common.copied : words.common.copy}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Panel>
      <Panel title={install.where}>
        <Accordion defaultValue="HTML" variant="separated" order={3}>
          {BUILDERS.map(([name, help]) => (
            <Accordion.Item key={name} value={name}>
              <Accordion.Control>{name}</Accordion.Control>
              <Accordion.Panel>
                <Text size="sm">{String(install[help])}</Text>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      </Panel>
    </>
  );
}
