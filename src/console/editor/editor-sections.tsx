import { Accordion, Stack } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { AgentChoice } from "./agent-choice.js";
import { KeyFields } from "./key-field.js";
import { ConfigJson } from "./config-json.js";
import type { EditedDocument } from "./edited-document.js";
import { FIELDS } from "./editor-fields.js";
import type { EditorWord } from "./editor-word.js";
import { useEditorWords } from "./editor-words.js";
import { FormEditor, QuestionRows } from "./form-editor.js";
import { QuestionsField, QuickActionsField } from "./list-fields.js";
import { useEditing } from "./editing.js";
import { MainColorField, PaletteFields } from "./palette-fields.js";
import { PhrasesField } from "./phrases-field.js";
import type { Refusals } from "./refused-values.js";

type SectionName = "agent" | keyof typeof FIELDS | "phrases" | "actions" | "advanced";

/** Which part of the document each section has; the first that fits has it. */
const PLACES: readonly (readonly [SectionName, RegExp])[] = [
  ["agent", /^agent/],
  ["look", /^config\.v1\.(theme|chat\.(light|dark|avatar|logo))/],
  ["launcher", /^config\.v1\.(trigger|suggested)/],
  ["phrases", /^config\.v1\.texts/],
  ["texts", /^config\.v1\.(chat|language)/],
  ["actions", /^config\.v1\.quick/],
  ["behaviour", /^config\.v1\.(default_mode|start_)/],
  ["privacy", /^config\.v1\.(ai_notice|consent)/],
  ["before", /^config\.v1\.pre_/],
  ["after", /^config\.v1\.post_/],
  ["advanced", /^/],
];

/** All that is edited, in sections. One in which a value was refused opens. */
export function EditorSections({
  document,
  errorOf,
  refused,
  onEdit,
}: {
  readonly document: EditedDocument;
  /** @param path of the document */
  errorOf(path: string): string | undefined;
  /** What the last save was refused for. */
  readonly refused: Refusals;
  onEdit(document: EditedDocument, place: string): void;
}): ReactNode {
  const [open, setOpen] = useState<string[]>(["look"]);
  useEffect(() => {
    const wrong = [...refused.keys()].map(sectionOf);
    if (wrong.length > 0) setOpen((before) => [...new Set([...before, ...wrong])]);
  }, [refused]);
  return (
    <Accordion multiple variant="separated" radius="lg" order={2} value={open} onChange={setOpen}>
      <Section name="agent" word="agentSection">
        <AgentChoice
          agentId={document.agentId}
          agentVersionId={document.agentVersionId}
          errorOf={errorOf}
          onChange={(agent) => onEdit({ ...document, ...agent }, "agent")}
        />
      </Section>
      <Section name="look" word="lookSection">
        <MainColorField />
        <KeyFields rows={FIELDS.look} />
        <PaletteFields mode="light_mode" />
        <PaletteFields mode="dark_mode" />
      </Section>
      <Section name="launcher" word="launcherSection">
        <KeyFields rows={FIELDS.launcher} />
        <QuestionsField />
      </Section>
      <Section name="texts" word="textsSection">
        <KeyFields rows={FIELDS.texts} />
      </Section>
      <Section name="phrases" word="phrasesSection">
        <PhrasesField />
      </Section>
      <Section name="behaviour" word="behaviourSection">
        <KeyFields rows={FIELDS.behaviour} />
      </Section>
      <Section name="actions" word="quickActions">
        <QuickActionsField />
      </Section>
      <Section name="privacy" word="privacySection">
        <KeyFields rows={FIELDS.privacy} />
      </Section>
      <Section name="before" word="beforeSection">
        <FormEditor path="pre_conversation_form" />
        <KeyFields rows={FIELDS.before} />
      </Section>
      <Section name="after" word="afterSection">
        <KeyFields rows={FIELDS.after} />
        <FeedbackForm />
      </Section>
      <Section name="advanced" word="advancedSection">
        <ConfigJson
          config={document.config}
          onChange={(config) => onEdit({ ...document, config }, "json")}
        />
      </Section>
    </Accordion>
  );
}

/** The questions after a talk; where they stand without a form of their own, there. */
function FeedbackForm(): ReactNode {
  const { valueOf } = useEditing();
  const [form, fields] = ["form", "fields"].map((key) => `post_conversation_feedback.${key}`);
  if (fields !== undefined && Array.isArray(valueOf(fields))) return <QuestionRows path={fields} />;
  return form === undefined ? null : <FormEditor path={form} />;
}

function Section({
  name,
  word,
  children,
}: {
  readonly name: SectionName;
  readonly word: EditorWord;
  readonly children: ReactNode;
}): ReactNode {
  const { editor } = useEditorWords();
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>{editor[word]}</Accordion.Control>
      <Accordion.Panel>
        <Stack gap="md">{children}</Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function sectionOf(path: string): SectionName {
  return PLACES.find(([, place]) => place.test(path))?.[0] ?? "advanced";
}
