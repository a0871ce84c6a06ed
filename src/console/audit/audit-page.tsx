import { useQuery } from "@apollo/client/react";
import { History } from "lucide-react";
import type { ReactNode } from "react";
import { useSearchParams } from "wouter";
import { AuditLogDocument } from "../generated/operations.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore } from "../shell/panel.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { auditVariables, readFilters, writeFilters, type AuditFilters } from "./audit-filters.js";
import { useAuditWords } from "./audit-words.js";
import { AuditEntries } from "./audit-entries.js";
import { FilterBar } from "./filter-bar.js";

/** Who changed what, and how, newest first. What it is narrowed down to stands in the address. */
export function AuditPage(): ReactNode {
  const { words } = useSpeech();
  const { auditLog: own } = useAuditWords();
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const { data, error, loading, refetch, fetchMore } = useQuery(AuditLogDocument, {
    variables: auditVariables(filters),
    // What was done a moment ago is the most wanted.
    fetchPolicy: "cache-and-network",
  });
  const connection = data?.auditLog;
  const narrow = (part: Partial<AuditFilters>): void =>
    setSearch(writeFilters({ ...filters, ...part }), { replace: true });
  const showMore = (after: string | null): void =>
    void fetchMore({
      variables: { after },
      updateQuery: (before, { fetchMoreResult: { auditLog } }) => ({
        auditLog: auditLog && {
          ...auditLog,
          nodes: [...(before.auditLog?.nodes ?? []), ...auditLog.nodes],
        },
      }),
    });
  const isNarrowed = writeFilters(filters).size > 0;
  return (
    <PageFrame title={words.audit.title} about={own.about}>
      <FilterBar filters={filters} isNarrowed={isNarrowed} onChange={narrow} />
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {loading && !connection && <Loading />}
      {connection?.nodes.length === 0 && (
        <Nothing Icon={History} title={isNarrowed ? own.noneFound : own.none}>
          {isNarrowed ? own.noneFoundHelp : own.noneHelp}
        </Nothing>
      )}
      {connection && connection.nodes.length > 0 && (
        <AuditEntries entries={connection.nodes} onNarrow={narrow} />
      )}
      {connection?.pageInfo.hasNextPage && (
        <ShowMore onClick={() => showMore(connection.pageInfo.endCursor)} />
      )}
    </PageFrame>
  );
}
