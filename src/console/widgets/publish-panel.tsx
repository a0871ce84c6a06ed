import { useMutation } from "@apollo/client/react";
import { Alert, Anchor, Button, Group, List, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { UpdateWidgetDocument, WidgetAccessDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Panel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import type { AccessOf } from "./access-of.js";
import { forgetNewWidget } from "./new-widget-draft.js";
import { reasonsOf, type Reason } from "./readiness-words.js";
import { widgetName } from "./widget-name.js";
import { useWidgetWords, type WidgetWords } from "./widget-words.js";

/** What to do about a reason; where it is done on this page, the id of the panel. */
const REMEDIES: Readonly<
  Record<string, { readonly help: keyof WidgetWords["widgetAccess"]; readonly panel?: string }>
> = {
  VERSION_NOT_PUBLISHED: { help: "versionNotPublishedHelp" },
  STRICT_WITHOUT_DOMAINS: { help: "strictWithoutDomainsHelp", panel: "domains" },
  IDENTITY_WITHOUT_SECRET: { help: "identityWithoutSecretHelp", panel: "identity-secret" },
  ANY_DOMAIN: { help: "anyDomainHelp", panel: "domains" },
  AGENT_INACTIVE: { help: "agentInactiveHelp" },
  AGENT_DOWN: { help: "agentDownHelp" },
};

/** Whether visitors can talk to it, what keeps them out and what to do about that; publishes and unpublishes. */
export function PublishPanel({
  widget,
  manages,
}: {
  readonly widget: AccessOf;
  readonly manages: boolean;
}): ReactNode {
  const { words, say } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  const { membership } = useSession();
  const [question, setQuestion] = useState<Question>();
  const [updateWidget, { loading, error }] = useMutation(UpdateWidgetDocument, {
    refetchQueries: [WidgetAccessDocument],
    awaitRefetchQueries: true,
  });
  const { id, published, readiness } = widget;
  const reasons = readiness ? reasonsOf(readiness, words) : [];
  const setPublished = async (value: boolean): Promise<void> => {
    await updateWidget({ variables: { input: { id, published: value } } });
    forgetNewWidget(membership.organization.id, id);
  };
  const askToUnpublish = (): void =>
    setQuestion({
      title: say(widgetAccess.unpublishTitle, { name: widgetName(widget) }),
      text: widgetAccess.unpublishHelp,
      action: widgetAccess.unpublish,
      perform: () => setPublished(false),
    });
  const about = readiness?.live
    ? widgetAccess.liveAbout
    : published
      ? widgetAccess.publishedAbout
      : widgetAccess.unpublishedAbout;
  return (
    <Panel title={widgetAccess.publishTitle} about={about}>
      <Reasons
        title={widgetAccess.blocks}
        color="orange"
        reasons={reasons.filter(({ blocks }) => blocks)}
      />
      <Reasons
        title={widgetAccess.warns}
        color="yellow"
        reasons={reasons.filter(({ blocks }) => !blocks)}
      />
      {error && !question && <Trouble error={error} />}
      {manages && (
        <Group justify="flex-end">
          {published ? (
            <Button variant="default" onClick={askToUnpublish}>
              {widgetAccess.unpublish}
            </Button>
          ) : (
            <Button loading={loading} onClick={() => void setPublished(true).catch(() => {})}>
              {widgetAccess.publish}
            </Button>
          )}
        </Group>
      )}
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </Panel>
  );
}

function Reasons({
  title,
  color,
  reasons,
}: {
  readonly title: string;
  readonly color: string;
  readonly reasons: readonly Reason[];
}): ReactNode {
  if (reasons.length === 0) return undefined;
  return (
    <Alert color={color} role="note" title={title} className={classes.notice}>
      <List size="sm" spacing="xs">
        {reasons.map((reason) => (
          <List.Item key={reason.code}>
            {reason.words} <Remedy code={reason.code} />
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Remedy({ code }: { readonly code: string }): ReactNode {
  const { widgetAccess } = useWidgetWords();
  const remedy = REMEDIES[code];
  if (remedy === undefined) return undefined;
  const help = String(widgetAccess[remedy.help]);
  if (remedy.panel === undefined) return <Text span>{help}</Text>;
  return (
    <Anchor inherit href={`#${remedy.panel}`} c="inherit" underline="always">
      {help}
    </Anchor>
  );
}
