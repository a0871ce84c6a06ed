import { useQuery } from "@apollo/client/react";
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useParams } from "wouter";
import { WidgetEditorDocument } from "../generated/operations.js";
import { Loading, NotFound, Trouble } from "../shell/states.js";
import { WidgetFrame } from "../widgets/widget-frame.js";
import { Editor } from "./editor.js";
import { useEditorWords } from "./editor-words.js";

/** A widget's looks and behaviour, beside the panel that they make. */
export function EditorPage(): ReactNode {
  return (
    <WidgetFrame>
      <EditorOfWidget />
    </WidgetFrame>
  );
}

function EditorOfWidget(): ReactNode {
  const { editor } = useEditorWords();
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery(WidgetEditorDocument, {
    variables: { id },
    // Somebody else may have gone on with the draft.
    fetchPolicy: "network-only",
    nextFetchPolicy: "cache-first",
  });
  const widget = data?.widget;
  if (error && !widget) return <Trouble error={error} onTryAgain={() => void refetch()} />;
  if (data && !widget) return <NotFound />;
  if (!widget) return <Loading />;
  return (
    <>
      <Text size="sm" c="dimmed">
        {editor.about}
      </Text>
      <Editor
        key={id}
        widget={widget}
        refetch={async () => (await refetch()).data?.widget ?? undefined}
      />
    </>
  );
}
