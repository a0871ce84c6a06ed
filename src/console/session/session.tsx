import type { ApolloClient } from "@apollo/client";
import { ApolloProvider, useQuery } from "@apollo/client/react";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { Redirect, useLocation, useSearch } from "wouter";
import { createGraphqlClient, isUnauthenticated } from "../api/graphql-client.js";
import { ViewerDocument, type Scope, type ViewerQuery } from "../generated/operations.js";
import { returnToParameter } from "../sign-in/return-to.js";
import { useConfirmation } from "./confirmation.js";
import { readKept, writeKept } from "../kept.js";
import { Loading, NoOrganization, Trouble } from "../shell/states.js";

type Viewer = NonNullable<ViewerQuery["viewer"]>;
type Membership = Viewer["organizations"][number];

/** Who is signed in, and the organization that is looked at. */
export interface SignedIn {
  readonly user: Viewer["user"];
  /** For what is of the person, in no organization. */
  readonly person: ApolloClient;
  readonly memberships: readonly Membership[];
  readonly membership: Membership;
  /** By which the person can sign in. */
  readonly ways: Pick<Viewer, "hasPassword" | "provider">;
  /** Asks who sits there, for what is no GraphQL. @returns whether it was proved */
  confirm(): Promise<boolean>;
  may(scope: Scope): boolean;
  chooseOrganization(id: string): void;
}

const SessionContext = createContext<SignedIn | undefined>(undefined);
const ORGANIZATION_KEY = "console.organization";

export function useSession(): SignedIn {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("Nobody is known outside of a SessionProvider.");
  return session;
}

/** Asks who is signed in, and again as soon as an answer says that this changed. */
export function SessionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { confirm, dialog } = useConfirmation();
  const person = useMemo(
    () => createGraphqlClient(undefined, { onRefused: () => {}, confirm }),
    [confirm],
  );
  const { data, error, refetch } = useQuery(ViewerDocument, {
    client: person,
    fetchPolicy: "cache-and-network",
  });
  useEffect(() => {
    // Whoever comes back to the page sees what they may do now.
    const askAgain = (): void => void refetch().catch(() => {});
    addEventListener("focus", askAgain);
    return () => removeEventListener("focus", askAgain);
  }, [refetch]);
  const [chosenId, setChosenId] = useState(readChosen);
  const [location] = useLocation();
  const search = useSearch();

  const viewer = data?.viewer;
  const memberships = viewer?.organizations ?? [];
  const membership =
    memberships.find(({ organization }) => organization.id === chosenId) ?? memberships[0];
  const organizationId = membership?.organization.id;
  const client = useMemo(
    () =>
      createGraphqlClient(organizationId, {
        onRefused: () => void refetch().catch(() => {}),
        confirm,
      }),
    [organizationId, refetch, confirm],
  );

  const isOut = isUnauthenticated(error) || viewer === null;
  if (isOut) {
    return (
      <Redirect to={`/sign-in${returnToParameter(search ? `${location}?${search}` : location)}`} />
    );
  }
  if (!viewer)
    return error ? <Trouble error={error} onTryAgain={() => void refetch()} /> : <Loading />;
  if (!membership) return <NoOrganization />;
  const session: SignedIn = {
    user: viewer.user,
    person,
    memberships,
    membership,
    ways: viewer,
    confirm,
    may: (scope) => membership.scopes.includes(scope),
    chooseOrganization: (id) => {
      rememberChosen(id);
      setChosenId(id);
    },
  };
  return (
    <SessionContext.Provider value={session}>
      <ApolloProvider client={client}>
        {children}
        {dialog(viewer)}
      </ApolloProvider>
    </SessionContext.Provider>
  );
}

/** Each tab keeps its own; a new one begins with what was chosen last. */
function readChosen(): string | undefined {
  return readKept("session", ORGANIZATION_KEY) ?? readKept("local", ORGANIZATION_KEY);
}

function rememberChosen(id: string): void {
  writeKept("session", ORGANIZATION_KEY, id);
  writeKept("local", ORGANIZATION_KEY, id);
}
