import { useQuery } from "@apollo/client/react";
import { ConversationChoicesDocument } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import { widgetName } from "../widgets/widget-name.js";

/** What the widgets are called, asked once for all of a list. */
export function useWidgetNames(): (id: string | null) => string {
  const { words } = useSpeech();
  const { data } = useQuery(ConversationChoicesDocument);
  const names = new Map(data?.widgets?.nodes.map((widget) => [widget.id, widgetName(widget)]));
  return (id) => (id === null ? words.conversations.noWidget : (names.get(id) ?? shortened(id)));
}

/** Of one that was deleted, or that is not among the first hundred. */
function shortened(id: string): string {
  return `${id.slice(0, 8)}…`;
}
