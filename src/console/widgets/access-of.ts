import type { WidgetAccessQuery } from "../generated/operations.js";

/** What the page of a widget's access knows of it. Who may not change it has no `security`. */
export type AccessOf = NonNullable<WidgetAccessQuery["widget"]>;

export type SecurityOf = NonNullable<AccessOf["security"]>;

export type UsageOf = NonNullable<AccessOf["usage"]>;
