import { useMutation, useQuery } from "@apollo/client/react";
import { Badge, Button, Code, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { KeyRound, Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import {
  ApiKeysDocument,
  RevokeApiKeyDocument,
  type ApiKeysQuery,
} from "../generated/operations.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore, TablePanel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { NewKeyDialog } from "./new-key-dialog.js";
import { scopeWord } from "./scope-words.js";

type ApiKey = NonNullable<ApiKeysQuery["apiKeys"]>["nodes"][number];

/** The organization's keys: what they may do, a new one, an end to one. */
export function KeysPage(): ReactNode {
  const { words, say } = useSpeech();
  const [isMaking, setIsMaking] = useState(false);
  const [question, setQuestion] = useState<Question>();
  const [revokeKey] = useMutation(RevokeApiKeyDocument);
  const { data, error, loading, refetch, fetchMore } = useQuery(ApiKeysDocument);
  const connection = data?.apiKeys;
  const keys = connection?.nodes ?? [];
  const more = connection?.pageInfo;
  const make = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setIsMaking(true)}>
      {words.keys.make}
    </Button>
  );
  const askToRevoke = ({ id, name }: ApiKey): void =>
    setQuestion({
      title: say(words.keys.revokeTitle, { name }),
      text: words.keys.revokeHelp,
      action: words.keys.revoke,
      perform: () => revokeKey({ variables: { input: { id } } }),
    });
  const showMore = (): void =>
    void fetchMore({
      variables: { after: more?.endCursor },
      updateQuery: (before, { fetchMoreResult: { apiKeys } }) => ({
        apiKeys: apiKeys && {
          ...apiKeys,
          nodes: [...(before.apiKeys?.nodes ?? []), ...apiKeys.nodes],
        },
      }),
    });
  return (
    <PageFrame title={words.keys.title} about={words.keys.about} action={keys.length > 0 && make}>
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {loading && !connection && <Loading />}
      {connection && keys.length === 0 && (
        <Nothing Icon={KeyRound} title={words.keys.none} action={make}>
          {words.keys.noneHelp}
        </Nothing>
      )}
      {keys.length > 0 && <KeyTable keys={keys} onRevoke={askToRevoke} />}
      {more?.hasNextPage && <ShowMore onClick={showMore} />}
      <NewKeyDialog
        isOpen={isMaking}
        onClose={() => setIsMaking(false)}
        onMade={() => void refetch()}
      />
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </PageFrame>
  );
}

function KeyTable({
  keys,
  onRevoke,
}: {
  readonly keys: readonly ApiKey[];
  readonly onRevoke: (apiKey: ApiKey) => void;
}): ReactNode {
  const { words, day } = useSpeech();
  return (
    <TablePanel
      heads={[
        words.common.name,
        words.keys.scopes,
        words.common.created,
        words.keys.expires,
        words.keys.status,
        <VisuallyHidden key="actions">{words.common.actions}</VisuallyHidden>,
      ]}
    >
      {keys.map((apiKey) => {
        const status = statusOf(apiKey);
        return (
          <Table.Tr key={apiKey.id}>
            <Table.Td>
              <Stack gap={2}>
                <Text size="sm" fw={500}>
                  {apiKey.name}
                </Text>
                <Code w="fit-content">ak_{apiKey.id}</Code>
              </Stack>
            </Table.Td>
            <Table.Td>
              <Text size="sm">
                {apiKey.scopes.map((scope) => scopeWord(scope, words)).join(", ")}
              </Text>
            </Table.Td>
            <Table.Td className={classes.date}>{day(apiKey.createdAt)}</Table.Td>
            <Table.Td className={classes.date}>
              {apiKey.expiresAt ? day(apiKey.expiresAt) : words.common.never}
            </Table.Td>
            <Table.Td>
              <Badge
                color={status === "active" ? "teal" : "gray"}
                variant="light"
                miw="max-content"
              >
                {words.keys[status]}
              </Badge>
            </Table.Td>
            <Table.Td>
              {status === "active" && (
                <Button
                  size="xs"
                  variant="subtle"
                  color="red"
                  aria-label={`${words.keys.revoke}: ${apiKey.name}`}
                  onClick={() => onRevoke(apiKey)}
                >
                  {words.keys.revoke}
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        );
      })}
    </TablePanel>
  );
}

function statusOf({ revokedAt, expiresAt }: ApiKey): "active" | "revoked" | "expired" {
  if (revokedAt) return "revoked";
  return expiresAt && new Date(expiresAt) <= new Date() ? "expired" : "active";
}
