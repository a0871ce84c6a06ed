import { useMutation } from "@apollo/client/react";
import { NumberInput, SimpleGrid, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { readFields } from "../../protocol/read.js";
import { refusedFields, sayRefusal } from "../api/say-refusal.js";
import { UpdateWidgetSecurityDocument, WidgetAccessDocument } from "../generated/operations.js";
import { submitting } from "../shell/form-actions.js";
import { Panel } from "../shell/panel.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import type { SecurityOf, UsageOf } from "./access-of.js";
import { LIMIT_KEYS, LIMIT_WORDS, limitOf, limitsWith, type TypedLimits } from "./limit-keys.js";
import { SettingActions } from "./setting-actions.js";
import { useWidgetWords } from "./widget-words.js";

/** What the widget's talks may use up, each limit by itself. */
export function LimitsPanel({
  id,
  security,
  usage,
}: {
  readonly id: string;
  readonly security: SecurityOf;
  readonly usage: UsageOf;
}): ReactNode {
  const speech = useSpeech();
  const { language } = speech;
  const { widgetAccess } = useWidgetWords();
  const draft = useDraft<TypedLimits>(`widget.limits.${id}`, {});
  const [updateSecurity, { loading, error, data, reset }] = useMutation(
    UpdateWidgetSecurityDocument,
    { refetchQueries: [WidgetAccessDocument], awaitRefetchQueries: true },
  );
  const named = readFields(security.limits);
  const counting = readFields(usage.limits);
  const isChanged = LIMIT_KEYS.some(
    (key) => draft.value[key] !== undefined && draft.value[key] !== textOf(limitOf(named, key)),
  );
  const save = async (): Promise<void> => {
    const limits = limitsWith(named, draft.value);
    await updateSecurity({ variables: { input: { id, limits } } });
    draft.clear();
  };
  const discard = (): void => {
    reset();
    draft.clear();
  };
  const problems = new Map(
    refusedFields(error).map((field) => [field.path.split(".").at(-1), sayRefusal(field, speech)]),
  );
  const isTold = LIMIT_KEYS.some((key) => problems.has(key));
  return (
    <Panel title={widgetAccess.limits} about={widgetAccess.limitsAbout}>
      <form noValidate onSubmit={submitting(save)}>
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            {LIMIT_KEYS.map((key) => (
              <NumberInput
                key={key}
                label={String(widgetAccess[LIMIT_WORDS[key]])}
                placeholder={
                  limitOf(named, key) === undefined
                    ? (limitOf(counting, key)?.toLocaleString(language) ?? widgetAccess.unlimited)
                    : widgetAccess.unlimited
                }
                allowDecimal={false}
                allowNegative={false}
                hideControls
                value={draft.value[key] ?? textOf(limitOf(named, key))}
                error={problems.has(key) && <span role="alert">{problems.get(key)}</span>}
                onChange={(value) => draft.change({ [key]: String(value) })}
              />
            ))}
          </SimpleGrid>
          {error && !isTold && <Trouble error={error} />}
          <SettingActions
            isChanged={isChanged}
            isSaved={data !== undefined && data !== null}
            isBusy={loading}
            onDiscard={discard}
          />
        </Stack>
      </form>
    </Panel>
  );
}

function textOf(limit: number | undefined): string {
  return limit === undefined ? "" : String(limit);
}
