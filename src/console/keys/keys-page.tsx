import { useQuery } from "@apollo/client/react";
import { Badge, Button, Code, Group, Stack, Table, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { ApiKeysDocument, type ApiKeysQuery } from "../generated/operations.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { NewKeyDialog } from "./new-key-dialog.js";
import { RevokeKeyDialog } from "./revoke-key-dialog.js";
import { scopeWord } from "./scope-words.js";

type ApiKey = NonNullable<ApiKeysQuery["apiKeys"]>["nodes"][number];

/** The organization's keys: what they may do, a new one, an end to one. */
export function KeysPage(): ReactNode {
  const { words } = useSpeech();
  const [isMaking, setIsMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  const { data, error, loading, refetch, fetchMore } = useQuery(ApiKeysDocument);
  const connection = data?.apiKeys;
  const keys = connection?.nodes ?? [];
  const more = connection?.pageInfo;
  const make = <Button onClick={() => setIsMaking(true)}>{words.keys.make}</Button>;
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
        <Nothing title={words.keys.none} action={make}>
          {words.keys.noneHelp}
        </Nothing>
      )}
      {keys.length > 0 && <KeyTable keys={keys} onRevoke={setRevoking} />}
      {more?.hasNextPage && (
        <Group>
          <Button variant="default" onClick={showMore}>
            {words.common.more}
          </Button>
        </Group>
      )}
      <NewKeyDialog
        isOpen={isMaking}
        onClose={() => setIsMaking(false)}
        onMade={() => void refetch()}
      />
      <RevokeKeyDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />
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
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.common.name}</Table.Th>
            <Table.Th>{words.keys.scopes}</Table.Th>
            <Table.Th>{words.common.created}</Table.Th>
            <Table.Th>{words.keys.expires}</Table.Th>
            <Table.Th>{words.keys.status}</Table.Th>
            <Table.Th>{words.keys.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((apiKey) => {
            const status = statusOf(apiKey);
            return (
              <Table.Tr key={apiKey.id}>
                <Table.Td>
                  <Stack gap={2}>
                    <Text fw={500}>{apiKey.name}</Text>
                    <Code w="fit-content">ak_{apiKey.id}</Code>
                  </Stack>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">
                    {apiKey.scopes.map((scope) => scopeWord(scope, words)).join(", ")}
                  </Text>
                </Table.Td>
                <Table.Td>{day(apiKey.createdAt)}</Table.Td>
                <Table.Td>{apiKey.expiresAt ? day(apiKey.expiresAt) : words.common.never}</Table.Td>
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
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function statusOf({ revokedAt, expiresAt }: ApiKey): "active" | "revoked" | "expired" {
  if (revokedAt) return "revoked";
  return expiresAt && new Date(expiresAt) <= new Date() ? "expired" : "active";
}
