import { useQuery } from "@apollo/client/react";
import { ActionIcon, Alert, Button, Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { FlaskConical, RotateCcw, X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { hasCode } from "../api/graphql-client.js";
import { ConversationChoicesDocument } from "../generated/operations.js";
import { PREVIEW_ORIGIN } from "../html-facts.js";
import { useSession } from "../session/session.js";
import shellClasses from "../shell/shell.module.css";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { widgetName } from "../widgets/widget-name.js";
import { useAgentWords } from "./agent-words.js";
import { TryTalk } from "./try-talk.js";
import classes from "./try.module.css";
import type { Trying } from "./use-try.js";

/** As in `try.module.css`. */
const WIDE = "(min-width: 75em)";

interface Shown {
  readonly trying: Trying;
  /** Whether all that was entered is stored: nothing else is tried. */
  readonly isSaved: boolean;
}

/**
 * A page with the panel that tries its version beside it; on a small screen that stands above it. It is one place for
 * both: a frame that is moved begins anew.
 */
export function BesideTry({
  trying,
  isSaved,
  children,
}: Shown & { readonly children: ReactNode }): ReactNode {
  const { agentTry } = useAgentWords();
  const { isOpen, close } = trying;
  return (
    <div className={isOpen ? classes.columns : undefined}>
      {isOpen && (
        <aside className={classes.side} aria-label={agentTry.title}>
          <Stack gap="sm">
            <Head onClose={close} />
            <Test trying={trying} isSaved={isSaved} />
          </Stack>
        </aside>
      )}
      <div className={classes.main}>{children}</div>
    </div>
  );
}

function Head({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { words } = useSpeech();
  const { agentTry } = useAgentWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // Beside the editor it is in sight already.
    if (!matchMedia(WIDE).matches) heading.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <Group justify="space-between" wrap="nowrap">
      <Title
        ref={heading}
        order={2}
        size="h4"
        tabIndex={-1}
        className={`${shellClasses.title} ${classes.title}`}
      >
        {agentTry.title}
      </Title>
      <ActionIcon variant="subtle" color="gray" aria-label={words.common.close} onClick={onClose}>
        <X size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

function Test({ trying, isSaved }: Shown): ReactNode {
  const { agentTry } = useAgentWords();
  const { test, error, startAgain, isBehind } = trying;
  const isFull = hasCode(error, "CONFLICT", 409);
  return (
    <>
      <Text size="sm" c="dimmed">
        {agentTry.about}
      </Text>
      <Group gap="sm" align="flex-end" wrap="nowrap">
        <LookChoice trying={trying} />
        <Button
          variant="default"
          leftSection={<RotateCcw size={16} aria-hidden />}
          className={classes.again}
          onClick={startAgain}
        >
          {agentTry.again}
        </Button>
      </Group>
      {(!isSaved || isBehind) && (
        <Alert
          color="yellow"
          icon={<FlaskConical aria-hidden />}
          role="status"
          className={shellClasses.notice}
        >
          {isSaved ? agentTry.behind : agentTry.unsaved}
        </Alert>
      )}
      {test ? (
        <TryTalk key={test.token} test={test} />
      ) : error === undefined ? (
        <Loading />
      ) : isFull ? (
        <Alert
          color="orange"
          icon={<FlaskConical aria-hidden />}
          role="alert"
          className={shellClasses.notice}
        >
          {agentTry.full}
        </Alert>
      ) : (
        <Trouble error={error} onTryAgain={startAgain} />
      )}
      {PREVIEW_ORIGIN === undefined && test?.capabilities.supportsVoice && (
        <Text size="sm" c="dimmed">
          {agentTry.textOnly}
        </Text>
      )}
    </>
  );
}

/** Whose look the panel has, for who may read widgets. */
function LookChoice({ trying: { widgetId, choose } }: { readonly trying: Trying }): ReactNode {
  const { agentTry } = useAgentWords();
  const { may } = useSession();
  const { data } = useQuery(ConversationChoicesDocument, { skip: !may("WEB_WIDGETS_READ") });
  const widgets = data?.widgets?.nodes ?? [];
  return (
    <NativeSelect
      label={agentTry.look}
      value={widgetId}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
      data={[
        { value: "", label: agentTry.defaultLook },
        ...widgets.map((widget) => ({ value: widget.id, label: widgetName(widget) })),
      ]}
      className={classes.look}
    />
  );
}
