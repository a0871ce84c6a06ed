import { useMutation } from "@apollo/client/react";
import { Radio, Stack, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import {
  UpdateWidgetSecurityDocument,
  WidgetAccessDocument,
  type IdentityMode,
} from "../generated/operations.js";
import { submitting } from "../shell/form-actions.js";
import { Panel } from "../shell/panel.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import type { SecurityOf } from "./access-of.js";
import { SettingActions } from "./setting-actions.js";
import { useWidgetWords, type WidgetWords } from "./widget-words.js";

/** What is to be different; the rest stays. */
type SecurityDraft = Partial<Pick<SecurityOf, "strict" | "identity">>;

const MODES: readonly (readonly [
  mode: IdentityMode,
  label: keyof WidgetWords["widgetAccess"],
  help: keyof WidgetWords["widgetAccess"],
])[] = [
  ["OFF", "identityOff", "identityOffHelp"],
  ["OPTIONAL", "identityOptional", "identityOptionalHelp"],
  ["REQUIRED", "identityRequired", "identityRequiredHelp"],
];

/** What a visitor must show to talk. */
export function SecurityPanel({
  id,
  security,
}: {
  readonly id: string;
  readonly security: SecurityOf;
}): ReactNode {
  const { widgetAccess } = useWidgetWords();
  const draft = useDraft<SecurityDraft>(`widget.security.${id}`, {});
  const [updateSecurity, { loading, error, data, reset }] = useMutation(
    UpdateWidgetSecurityDocument,
    { refetchQueries: [WidgetAccessDocument], awaitRefetchQueries: true },
  );
  const { strict, identity } = { ...security, ...draft.value };
  const save = async (): Promise<void> => {
    await updateSecurity({ variables: { input: { id, strict, identity } } });
    draft.clear();
  };
  const discard = (): void => {
    reset();
    draft.clear();
  };
  return (
    <Panel title={widgetAccess.security}>
      <form onSubmit={submitting(save)}>
        <Stack gap="lg">
          <Switch
            label={widgetAccess.strict}
            description={widgetAccess.strictHelp}
            checked={strict}
            onChange={({ currentTarget }) => draft.change({ strict: currentTarget.checked })}
          />
          <Radio.Group
            label={widgetAccess.identity}
            value={identity}
            onChange={(value) => draft.change({ identity: value as IdentityMode })}
          >
            <Stack gap="sm" mt="xs">
              {MODES.map(([mode, label, help]) => (
                <Radio
                  key={mode}
                  value={mode}
                  label={String(widgetAccess[label])}
                  description={String(widgetAccess[help])}
                />
              ))}
            </Stack>
          </Radio.Group>
          {error && <Trouble error={error} />}
          <SettingActions
            isChanged={strict !== security.strict || identity !== security.identity}
            isSaved={data !== undefined && data !== null}
            isBusy={loading}
            onDiscard={discard}
          />
        </Stack>
      </form>
    </Panel>
  );
}
