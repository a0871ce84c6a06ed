import type { Fields } from "../../protocol/read.js";
import { useSession } from "../session/session.js";
import { useDraft } from "../use-draft.js";
import { isSameJson } from "./config-value.js";

/** What of a version is needed to know what somebody changed. */
interface Stored {
  readonly id: string;
  readonly published: boolean;
  readonly updatedAt: string;
  readonly config: Fields;
}

/** What somebody has entered into a draft, beside what is stored. */
export interface EnteredVersion {
  /** Whether it is published, or the person may not change it. */
  readonly isReadOnly: boolean;
  /** As it would be saved. */
  readonly config: Fields;
  readonly isChanged: boolean;
  /** Whether somebody saved the draft after this one began to change it. */
  readonly isStale: boolean;
  /** Of what time the stored one is that was changed. */
  readonly since: string;
  /** What was typed as the whole and is no object of JSON; empty: nothing. */
  readonly wrongJson: string;
  change(config: Fields): void;
  changeJson(text: string): void;
  /** Lets the stored one count again. */
  forget(): void;
  /** Lets what was entered take the place of what is stored now. */
  keep(): void;
}

interface Kept {
  readonly config: Fields | null;
  readonly since: string;
  readonly wrongJson: string;
}

const NOTHING: Kept = { config: null, since: "", wrongJson: "" };

export function useEnteredVersion(stored: Stored): EnteredVersion {
  const { may, membership } = useSession();
  const draft = useDraft<Kept>(`agent-version.${membership.organization.id}.${stored.id}`, NOTHING);
  const isReadOnly = stored.published || !may("AGENTS_MANAGE");
  const { config, since, wrongJson } = isReadOnly ? NOTHING : draft.value;
  const isChanged = config !== null && !isSameJson(config, stored.config);
  return {
    isReadOnly,
    config: config ?? stored.config,
    isChanged,
    isStale: isChanged && since !== stored.updatedAt,
    since: since || stored.updatedAt,
    wrongJson,
    change: (next) =>
      draft.change({
        config: next,
        since: isChanged ? since : stored.updatedAt,
        wrongJson: "",
      }),
    changeJson: (text) => draft.change({ wrongJson: text }),
    forget: draft.clear,
    keep: () => draft.change({ since: stored.updatedAt }),
  };
}
