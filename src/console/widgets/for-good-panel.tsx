import { useMutation } from "@apollo/client/react";
import { Alert, Button, Group, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import {
  DeleteWidgetDocument,
  RevokeVisitorTokensDocument,
  WidgetAccessDocument,
  WidgetsDocument,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Panel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import type { AccessOf } from "./access-of.js";
import { forgetNewWidget } from "./new-widget-draft.js";
import { widgetName } from "./widget-name.js";
import { useWidgetWords } from "./widget-words.js";

/** What nobody can bring back: visitors' tokens ended, the widget gone. Asked first. */
export function ForGoodPanel({ widget }: { readonly widget: AccessOf }): ReactNode {
  const { say } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  const { membership } = useSession();
  const [, navigate] = useLocation();
  const [question, setQuestion] = useState<Question>();
  const [areOut, setAreOut] = useState(false);
  const [revokeTokens] = useMutation(RevokeVisitorTokensDocument, {
    refetchQueries: [WidgetAccessDocument],
  });
  const [deleteWidget, { client }] = useMutation(DeleteWidgetDocument);
  const { id } = widget;
  const askToSignOut = (): void =>
    setQuestion({
      title: widgetAccess.signOutTitle,
      text: widgetAccess.signOutHelp,
      action: widgetAccess.signOut,
      perform: async () => {
        await revokeTokens({ variables: { input: { id } } });
        setAreOut(true);
      },
    });
  const askToDelete = (): void =>
    setQuestion({
      title: say(widgetAccess.removeTitle, { name: widgetName(widget) }),
      text: widgetAccess.removeHelp,
      action: widgetAccess.remove,
      perform: async () => {
        await deleteWidget({ variables: { input: { id } } });
        forgetNewWidget(membership.organization.id, id);
        // The list that comes next has it no more.
        await client.query({ query: WidgetsDocument, fetchPolicy: "network-only" });
        navigate("/widgets");
      },
    });
  return (
    <Panel title={widgetAccess.danger}>
      {areOut && (
        <Alert color="teal" role="status" className={classes.notice}>
          {widgetAccess.signedOut}
        </Alert>
      )}
      <Deed
        about={widgetAccess.signOutAbout}
        action={widgetAccess.signOut}
        onClick={askToSignOut}
      />
      <Deed about={widgetAccess.removeAbout} action={widgetAccess.remove} onClick={askToDelete} />
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </Panel>
  );
}

function Deed({
  about,
  action,
  onClick,
}: {
  readonly about: string;
  readonly action: string;
  readonly onClick: () => void;
}): ReactNode {
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" flex="1 1 14rem">
        {about}
      </Text>
      <Button variant="light" color="red" onClick={onClick}>
        {action}
      </Button>
    </Group>
  );
}
