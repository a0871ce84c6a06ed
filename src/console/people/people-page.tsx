import { Button } from "@mantine/core";
import { UserRoundPlus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Dialog } from "../shell/dialog.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShownOnce } from "../shell/shown-once.js";
import { useSpeech } from "../use-speech.js";
import { Invitations } from "./invitations.js";
import { InviteForm, type MadeLink } from "./invite-form.js";
import { Members } from "./members.js";

/** The members and their roles, invitations and resets by link. */
export function PeoplePage(): ReactNode {
  const { words, say } = useSpeech();
  const [isInviting, setIsInviting] = useState(false);
  const [made, setMade] = useState<MadeLink>();
  const [question, setQuestion] = useState<Question>();
  const closeDialog = (): void => {
    setIsInviting(false);
    setMade(undefined);
  };
  const title = made ? say(words.people.linkTitle, { name: made.name }) : words.people.invite;
  return (
    <PageFrame
      title={words.people.title}
      about={words.people.about}
      action={
        <Button
          leftSection={<UserRoundPlus size={16} aria-hidden />}
          onClick={() => setIsInviting(true)}
        >
          {words.people.invite}
        </Button>
      }
    >
      <Members onAsk={setQuestion} onLink={setMade} />
      <Invitations onAsk={setQuestion} />
      <Dialog
        title={isInviting || made ? title : undefined}
        isHeld={made !== undefined}
        onClose={closeDialog}
      >
        {made ? (
          <ShownOnce label={words.people.link} value={made.link} onClose={closeDialog} />
        ) : (
          <InviteForm onMade={setMade} onCancel={closeDialog} />
        )}
      </Dialog>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </PageFrame>
  );
}
