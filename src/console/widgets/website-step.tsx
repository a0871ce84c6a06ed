import { useMutation } from "@apollo/client/react";
import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import { hasCode } from "../api/graphql-client.js";
import {
  AutoBrandWidgetDocument,
  CreateWidgetDocument,
  UpdateWidgetDocument,
} from "../generated/operations.js";
import { brandDomainOf, domainsOf, withSuggestion, type StepProps } from "./new-widget-draft.js";
import { useNewWidgetWords } from "./new-widget-words.js";
import { StepForm } from "./step-form.js";

/** Where it is shown. Makes the widget, unpublished, and asks the website how it looks. */
export function WebsiteStep({ draft, change }: StepProps): ReactNode {
  const { newWidget } = useNewWidgetWords();
  const [createWidget] = useMutation(CreateWidgetDocument);
  const [updateWidget] = useMutation(UpdateWidgetDocument);
  const [autoBrand] = useMutation(AutoBrandWidgetDocument);

  const save = async (): Promise<string | undefined> => {
    const { agentId, agentVersionId, widgetId } = draft;
    const input = { agentId, agentVersionId, domains: domainsOf(draft) };
    if (widgetId) {
      try {
        await updateWidget({ variables: { input: { ...input, id: widgetId } } });
        return widgetId;
      } catch (error) {
        // Somebody has deleted it meanwhile: there is another one, then.
        if (!hasCode(error, "NOT_FOUND", 404)) throw error;
      }
    }
    const { data } = await createWidget({ variables: { input } });
    const id = data?.createWidget?.widget.id;
    if (id !== undefined) change({ widgetId: id });
    return id;
  };
  const goOn = async (): Promise<void> => {
    const id = await save();
    if (id === undefined) return;
    const domain = brandDomainOf(draft);
    // A website that cannot be read suggests nothing.
    const brand =
      domain &&
      (await autoBrand({ variables: { input: { id, domain } } }).then(
        ({ data }) => data?.autoBrandWidget?.brand,
        () => undefined,
      ));
    change({ step: 2, ...(brand ? withSuggestion(draft, brand.suggestedConfig) : {}) });
  };
  return (
    <StepForm
      title={newWidget.websiteTitle}
      about={newWidget.websiteAbout}
      perform={goOn}
      onBack={() => change({ step: 0 })}
    >
      <Textarea
        label={newWidget.websites}
        description={newWidget.websitesHelp}
        inputMode="url"
        autosize
        minRows={2}
        value={draft.websites}
        onChange={({ currentTarget }) => change({ websites: currentTarget.value })}
      />
    </StepForm>
  );
}
