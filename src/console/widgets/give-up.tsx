import { useMutation } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { hasCode } from "../api/graphql-client.js";
import { DeleteWidgetDocument, WidgetsDocument } from "../generated/operations.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { useNewWidgetWords } from "./new-widget-words.js";

/** Ends the making of a widget and leaves nothing of it. Asked first. @param widgetId empty: none is made yet */
export function GiveUp({
  widgetId,
  onGivenUp,
}: {
  readonly widgetId: string;
  readonly onGivenUp: () => void;
}): ReactNode {
  const { newWidget } = useNewWidgetWords();
  const [, navigate] = useLocation();
  const [question, setQuestion] = useState<Question>();
  const [deleteWidget, { client }] = useMutation(DeleteWidgetDocument);
  const remove = async (): Promise<void> => {
    if (widgetId === "") return;
    try {
      await deleteWidget({ variables: { input: { id: widgetId } } });
    } catch (error) {
      // It is gone already, which is what was wanted.
      if (!hasCode(error, "NOT_FOUND", 404)) throw error;
    }
    // The list that comes next has it no more.
    await client.query({ query: WidgetsDocument, fetchPolicy: "network-only" });
  };
  const ask = (): void =>
    setQuestion({
      title: newWidget.giveUpTitle,
      text: newWidget.giveUpHelp,
      action: newWidget.giveUp,
      perform: async () => {
        await remove();
        onGivenUp();
        navigate("/widgets");
      },
    });
  return (
    <>
      <Button variant="default" onClick={ask}>
        {newWidget.giveUp}
      </Button>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
