import { useApolloClient } from "@apollo/client/react";
import { useEffect } from "react";
import { AgentWidgetsDocument } from "../generated/operations.js";

/** An agent with the first of its widgets. */
interface WithWidgets {
  readonly id: string;
  readonly widgets?: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
  } | null;
}

/** Reads the widgets that did not come with the agent. The cache puts them behind those that are there. */
export function useRestOfWidgets(agent: WithWidgets | null | undefined): void {
  const client = useApolloClient();
  const id = agent?.id;
  const { hasNextPage = false, endCursor: after } = agent?.widgets?.pageInfo ?? {};
  useEffect(() => {
    if (id === undefined || !hasNextPage || !after) return;
    const query = { query: AgentWidgetsDocument, variables: { id, after } };
    // Where they do not come, the page goes on to say that there are more.
    client.query({ ...query, fetchPolicy: "network-only" }).catch(() => {});
  }, [client, id, hasNextPage, after]);
}
