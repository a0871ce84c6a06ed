import { VisuallyHidden } from "@mantine/core";
import { BadgeCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { SpokenWords } from "../say.js";
import { useSpeech } from "../use-speech.js";
import classes from "./conversations.module.css";

const GUEST = /^guest_([\da-f]{4})/i;

/** What a visitor is called: the website's name for them, or a guest. */
export function visitorWord(userId: string, { words, say }: SpokenWords): string {
  const [, code] = GUEST.exec(userId) ?? [];
  return code === undefined ? userId : say(words.conversations.guest, { code });
}

/** A visitor, with a mark where the website vouches for them. */
export function VisitorName({
  userId,
  isVerified,
}: {
  readonly userId: string;
  readonly isVerified: boolean;
}): ReactNode {
  const speech = useSpeech();
  return (
    <span className={classes.visitor} title={userId}>
      <span className={classes.visitorName}>{visitorWord(userId, speech)}</span>
      {isVerified && (
        <>
          <BadgeCheck size={16} className={classes.verified} aria-hidden />
          <VisuallyHidden>{speech.words.conversations.verified}</VisuallyHidden>
        </>
      )}
    </span>
  );
}
