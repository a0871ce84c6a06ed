import type { AuditLogQueryVariables } from "../generated/operations.js";

/** What the address narrows the log down to; empty: not by this. */
export interface AuditFilters {
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  /** The first day, as `2026-06-01`. */
  readonly from: string;
  /** The last day, which is in it. */
  readonly to: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** From an address, in which anything may stand. */
export function readFilters(search: URLSearchParams): AuditFilters {
  const text = (name: keyof AuditFilters): string => search.get(name)?.trim() ?? "";
  const day = (name: "from" | "to"): string => {
    const value = text(name);
    return DAY.test(value) && !Number.isNaN(startOf(value).getTime()) ? value : "";
  };
  return {
    action: text("action"),
    actor: text("actor"),
    subject: text("subject"),
    from: day("from"),
    to: day("to"),
  };
}

/** For an address: what does not narrow it down is left out. */
export function writeFilters(filters: AuditFilters): URLSearchParams {
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ""));
}

/** Days are those of where the person is. */
export function auditVariables(filters: AuditFilters): AuditLogQueryVariables {
  const { action, actor, subject, from, to } = filters;
  return {
    ...(action && { action }),
    ...(actor && { actorId: actor }),
    ...(subject && { subjectId: subject }),
    ...(from && { since: startOf(from).toISOString() }),
    ...(to && { until: dayAfter(to).toISOString() }),
  };
}

function startOf(day: string): Date {
  return new Date(`${day}T00:00:00`);
}

function dayAfter(day: string): Date {
  const date = startOf(day);
  date.setDate(date.getDate() + 1);
  return date;
}
