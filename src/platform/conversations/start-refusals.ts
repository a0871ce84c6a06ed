import { AppError } from "../errors.js";
import type { WidgetRow } from "../widgets/widget.service.js";

/** @throws AppError `conflict` for a widget that nobody could start. */
export function requireReady({ strict, domains }: WidgetRow): void {
  if (!strict || domains.length > 0) return;
  throw new AppError(
    "conflict",
    "This widget is not ready: strict security needs at least one domain.",
    { reason: "strict_without_domains" },
  );
}

/** For a start that its agent version keeps out. */
export function versionUnpublished(): AppError {
  return new AppError("conflict", "The widget's agent version is not published.", {
    reason: "version_unpublished",
  });
}
