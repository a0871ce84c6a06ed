import { Button, Drawer } from "@mantine/core";
import { useDisclosure, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { Eye } from "lucide-react";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { refusedFields, sayRefusal, type RefusedField } from "../api/say-refusal.js";
import { useSpeech } from "../use-speech.js";
import { ChangesDialog } from "./changes-dialog.js";
import { isSame, valueAtPath, withValueAtPath } from "./config-paths.js";
import { EditingProvider, type Editing } from "./editing.js";
import { EditorBar } from "./editor-bar.js";
import { EditorNotices } from "./editor-notices.js";
import { EditorSections } from "./editor-sections.js";
import { useEditorWords } from "./editor-words.js";
import classes from "./editor.module.css";
import { PreviewPane } from "./preview-pane.js";
import { byPath, refusalsOf, withoutRefused } from "./refused-values.js";
import { useWidgetEditor, type EditedWidget } from "./use-widget-editor.js";

/** There is room for the panel beside the form. */
const WIDE = "(min-width: 75em)";

/** The form, and beside it the panel; on a small screen the panel is opened over it. */
export function Editor({
  widget,
  refetch,
}: {
  readonly widget: EditedWidget;
  readonly refetch: () => Promise<EditedWidget | undefined>;
}): ReactNode {
  const speech = useSpeech();
  const { words } = speech;
  const { editor: said } = useEditorWords();
  const editor = useWidgetEditor(widget, refetch);
  const isWide = useMediaQuery(WIDE, undefined, { getInitialValueInEffect: false });
  const [isPreviewed, preview] = useDisclosure();
  const [isCompared, comparison] = useDisclosure();
  const { document, error } = editor;
  const [changedSince, setChangedSince] = useState<ReadonlySet<string>>(new Set());
  const toSay = useCallback((field: RefusedField) => sayRefusal(field, speech), [speech]);
  const refusals = useMemo(() => refusalsOf(document.config, toSay), [document.config, toSay]);
  const refused = useMemo(
    () => byPath(refusedFields(error).map((field) => ({ ...field, message: toSay(field) }))),
    [error, toSay],
  );
  const errorOf = (path: string): string | undefined =>
    refusals.get(path) ?? (changedSince.has(path) ? undefined : refused.get(path));
  const v1 = document.config["v1"];
  const shown = withoutRefused(document.config, refusals)["v1"];
  const editing: Editing = {
    v1,
    valueOf: (path) => valueAtPath(v1, path),
    errorOf: (path) => errorOf(`config.v1.${path}`),
    change: (path, value) => editing.changeAll([[path, value]]),
    changeAll: (changes) => {
      const config = changes.reduce(
        (before, [path, value]) => withValueAtPath(before, `v1.${path}`, value),
        document.config,
      );
      // Some fields tell what they have whenever they are left, too.
      if (isSame(config, document.config)) return;
      setChangedSince(new Set([...changedSince, ...changes.map(([path]) => `config.v1.${path}`)]));
      editor.edit({ ...document, config }, changes.map(([path]) => path).join());
    },
  };
  useHotkeys(
    [
      ["mod+Z", editor.undo],
      ["mod+shift+Z", editor.redo],
      ["mod+Y", editor.redo],
    ],
    // In fields, too: what the browser would undo there is what we put there.
    [],
  );
  const save = async (over?: boolean): Promise<void> => {
    setChangedSince(new Set());
    await editor.save(over);
  };
  return (
    <EditingProvider value={editing}>
      <div className={classes.columns}>
        <div>
          <EditorBar editor={editor} onCompare={comparison.open} onSave={() => void save()}>
            {!isWide && (
              <Button
                variant="default"
                leftSection={<Eye size={16} aria-hidden />}
                onClick={preview.open}
              >
                {said.preview}
              </Button>
            )}
          </EditorBar>
          <EditorNotices editor={editor} onSaveOver={() => void save(true)} />
          <EditorSections
            document={document}
            errorOf={errorOf}
            refused={refused}
            onEdit={editor.edit}
          />
        </div>
        {isWide && (
          <aside className={classes.side}>
            <PreviewPane v1={shown} />
          </aside>
        )}
      </div>
      {!isWide && (
        <Drawer
          opened={isPreviewed}
          onClose={preview.close}
          position="bottom"
          size="100%"
          title={said.preview}
          closeButtonProps={{ "aria-label": words.common.close }}
        >
          <PreviewPane v1={shown} />
        </Drawer>
      )}
      <ChangesDialog changes={editor.changes} isOpen={isCompared} onClose={comparison.close} />
    </EditingProvider>
  );
}
