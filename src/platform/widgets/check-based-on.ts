import type { Transaction } from "../database/client.js";
import { isUnchanged } from "../database/unchanged.js";
import { AppError } from "../errors.js";

/**
 * That nobody has saved what a save is about to replace since the revision that it was made from. What the save leaves
 * as it is may have changed.
 *
 * @param before the widget's row, locked
 * @param changes undefined leaves a column
 * @throws AppError `conflict`, too where the revision is kept no longer.
 */
export async function checkBasedOn(
  tx: Transaction,
  before: { readonly id: string },
  changes: object,
  basedOn: number,
): Promise<void> {
  const kept = await tx.widgetRevision.findFirst({
    where: { widgetId: before.id, number: basedOn },
    select: { agentId: true, agentVersionId: true, domains: true, published: true, config: true },
  });
  const replaced = Object.entries(kept ?? {}).filter(
    ([column]) => Reflect.get(changes, column) !== undefined,
  );
  if (kept && isUnchanged(before, Object.fromEntries(replaced))) return;
  throw new AppError("conflict", `The widget was saved since revision ${basedOn}.`);
}
