import { useMutation } from "@apollo/client/react";
import { Button, Code, Group, Stack, Tabs, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import {
  RotateWidgetIdentitySecretDocument,
  WidgetAccessDocument,
} from "../generated/operations.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Dialog } from "../shell/dialog.js";
import { Panel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { ShownOnce } from "../shell/shown-once.js";
import { useSpeech } from "../use-speech.js";
import { IDENTIFY_SAMPLE, IDENTITY_SAMPLES } from "./identity-samples.js";
import { useWidgetWords } from "./widget-words.js";

interface MadeSecret {
  readonly secret: string;
  readonly previousUntil: string | null;
}

/** Makes the secret that the website's server signs with, and shows how it signs. */
export function IdentitySecretPanel({ id }: { readonly id: string }): ReactNode {
  const { say, moment } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  const [question, setQuestion] = useState<Question>();
  const [made, setMade] = useState<MadeSecret>();
  const [rotate] = useMutation(RotateWidgetIdentitySecretDocument, {
    // The answer holds the secret, which is nobody's to keep.
    fetchPolicy: "no-cache",
    refetchQueries: [WidgetAccessDocument],
  });
  const ask = (): void =>
    setQuestion({
      title: widgetAccess.secretQuestion,
      text: widgetAccess.secretHelp,
      action: widgetAccess.secretMake,
      perform: async () => {
        const { data } = await rotate({ variables: { input: { id } } });
        setMade(data?.rotateWidgetIdentitySecret ?? undefined);
      },
    });
  const close = (): void => setMade(undefined);
  return (
    <Panel id="identity-secret" title={widgetAccess.secretTitle} about={widgetAccess.secretAbout}>
      <Samples />
      <Group justify="flex-end">
        <Button variant="default" onClick={ask}>
          {widgetAccess.secretMake}
        </Button>
      </Group>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
      <Dialog title={made && widgetAccess.secretShown} isHeld onClose={close}>
        {made && (
          <Stack gap="md">
            {made.previousUntil && (
              <Text size="sm">
                {say(widgetAccess.previousUntil, { moment: moment(made.previousUntil) })}
              </Text>
            )}
            <ShownOnce label={widgetAccess.secret} value={made.secret} onClose={close} />
          </Stack>
        )}
      </Dialog>
    </Panel>
  );
}

function Samples(): ReactNode {
  const { widgetAccess } = useWidgetWords();
  return (
    <Stack gap="sm">
      <Text size="sm" fw={500}>
        {widgetAccess.samples}
      </Text>
      <Tabs defaultValue="Node.js">
        <Tabs.List aria-label={widgetAccess.samples}>
          {Object.keys(IDENTITY_SAMPLES).map((language) => (
            <Tabs.Tab key={language} value={language}>
              {language}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(IDENTITY_SAMPLES).map(([language, sample]) => (
          <Tabs.Panel key={language} value={language} pt="sm">
            <Code block className={classes.secret}>
              {sample}
            </Code>
          </Tabs.Panel>
        ))}
      </Tabs>
      <Text size="sm" c="dimmed">
        {widgetAccess.samplesHelp}
      </Text>
      <Code block className={classes.secret}>
        {IDENTIFY_SAMPLE}
      </Code>
    </Stack>
  );
}
