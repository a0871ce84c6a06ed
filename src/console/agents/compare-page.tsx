import { useQuery } from "@apollo/client/react";
import { Group, NativeSelect, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useParams, useSearchParams } from "wouter";
import { hasCode } from "../api/graphql-client.js";
import { AgentVersionsDocument, VersionConfigDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";
import { BelowPage } from "./below-page.js";
import { ConfigChanges } from "./config-changes.js";
import { NoVersion } from "./no-version.js";

/** Two versions of an agent beside each other, by the address: `?from=1&to=2`. */
export function ComparePage(): ReactNode {
  const { id = "" } = useParams<{ id: string }>();
  const { say } = useSpeech();
  const { agentPages } = useAgentWords();
  const { may } = useSession();
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = useQuery(AgentVersionsDocument, {
    variables: { id, readsWidgets: may("WEB_WIDGETS_READ") },
  });
  if (hasCode(error, "NOT_FOUND", 404) || hasCode(error, "BAD_USER_INPUT", 400))
    return <NoVersion />;
  const agent = data?.agent;
  if (!agent)
    return error ? <Trouble error={error} onTryAgain={() => void refetch()} /> : <Loading />;
  const sides = [
    { name: "from", label: agentPages.from },
    { name: "to", label: agentPages.to },
  ] as const;
  const chosen = (name: "from" | "to"): string => search.get(name) ?? "";
  const [from, to] = [versionNumber(chosen("from")), versionNumber(chosen("to"))];
  // One of long ago is none of the first page of versions, and is compared all the same.
  const numbers = new Set([
    ...(agent.versions?.nodes ?? []).map(({ version }) => version),
    ...[from, to].filter((number) => number !== undefined),
  ]);
  const choices = [...numbers]
    .toSorted((a, b) => b - a)
    .map((version) => ({
      value: String(version),
      label: say(agentPages.versionNumber, { version }),
    }));
  return (
    <BelowPage href={`/agents/${id}`} back={agentPages.backToAgent}>
      <PageFrame title={agentPages.compareTitle} about={agent.name}>
        <Group gap="md">
          {sides.map(({ name, label }) => (
            <NativeSelect
              key={name}
              label={label}
              value={chosen(name)}
              onChange={({ currentTarget }) =>
                setSearch(
                  { ...Object.fromEntries(search), [name]: currentTarget.value },
                  { replace: true },
                )
              }
              data={[{ value: "", label: "–" }, ...choices]}
            />
          ))}
        </Group>
        {from === undefined || to === undefined ? (
          <Text>{agentPages.sameVersion}</Text>
        ) : (
          <Compared agentId={id} from={from} to={to} />
        )}
      </PageFrame>
    </BelowPage>
  );
}

function Compared({
  agentId,
  from,
  to,
}: {
  readonly agentId: string;
  readonly from: number;
  readonly to: number;
}): ReactNode {
  const before = useQuery(VersionConfigDocument, {
    variables: { agentId, version: from },
    fetchPolicy: "cache-and-network",
  });
  const after = useQuery(VersionConfigDocument, {
    variables: { agentId, version: to },
    fetchPolicy: "cache-and-network",
  });
  const error = before.error ?? after.error;
  if (error) return <Trouble error={error} />;
  const [one, other] = [before.data?.agentVersion, after.data?.agentVersion];
  if (!one || !other) return <Loading />;
  return <ConfigChanges before={one.config} after={other.config} />;
}

/** Undefined: it is no version's number. */
function versionNumber(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
