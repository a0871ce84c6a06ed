import { useApolloClient } from "@apollo/client/react";
import { Alert, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { EndConversationDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import shellClasses from "../shell/shell.module.css";
import { useAgentWords } from "./agent-words.js";
import { TryFrame } from "./try-frame.js";
import { TryLog } from "./try-log.js";
import type { MadeTest } from "./use-try.js";

/** One test: the panel, and below it what happens. It is over when it is left. */
export function TryTalk({ test }: { readonly test: MadeTest }): ReactNode {
  const { agentTry } = useAgentWords();
  const [conversationId, setConversationId] = useState<string>();
  const [refusal, setRefusal] = useState<number>();
  useEndWhenLeft(conversationId);
  // The panel tries again by itself what was not answered.
  const isRefused = refusal !== undefined && refusal >= 400 && refusal < 500;
  return (
    <>
      {isRefused && (
        <Alert
          color="orange"
          icon={<CircleAlert aria-hidden />}
          role="alert"
          className={shellClasses.notice}
        >
          {refusal === 429 ? agentTry.limited : refusal === 401 ? agentTry.over : agentTry.refused}
        </Alert>
      )}
      <TryFrame
        test={test}
        onBegan={(id) => {
          setRefusal(undefined);
          setConversationId(id);
        }}
        onRefused={setRefusal}
      />
      {conversationId === undefined ? (
        <Text size="sm" c="dimmed">
          {agentTry.logHelp}
        </Text>
      ) : (
        <TryLog conversationId={conversationId} />
      )}
    </>
  );
}

/** Nobody waits for what is not looked at any more. */
function useEndWhenLeft(id: string | undefined): void {
  const client = useApolloClient();
  const { may } = useSession();
  const mayEnd = may("CONVERSATIONS_MANAGE");
  useEffect(() => {
    if (id === undefined || !mayEnd) return;
    return () => {
      const variables = { input: { id } };
      // A talk that nobody ended is over by itself, soon after its room was left.
      client
        .mutate({ mutation: EndConversationDocument, variables, fetchPolicy: "no-cache" })
        .catch(() => {});
    };
  }, [client, id, mayEnd]);
}
