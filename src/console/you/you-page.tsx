import { useQuery } from "@apollo/client/react";
import type { ReactNode } from "react";
import { YouDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ProviderPanel } from "../provider/provider-panel.js";
import { useProviderWords } from "../provider/provider-words.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { NameForm } from "./name-form.js";
import { usePasskeyWords } from "./passkey-words.js";
import { Passkeys } from "./passkeys-panel.js";
import { PasswordForm } from "./password-form.js";
import { SecondFactor } from "./second-factor.js";
import { Sessions } from "./sessions.js";
import { Tokens } from "./tokens.js";

/** What is the person's own: the name, the password, passkeys, the second factor, tokens, and where they are signed in. */
export function YouPage(): ReactNode {
  const { words } = useSpeech();
  const { person } = useSession();
  // Here, for a part that waited for its words once the page is there would take it away again.
  usePasskeyWords();
  useProviderWords();
  const { data, error, refetch } = useQuery(YouDocument, {
    client: person,
    fetchPolicy: "cache-and-network",
  });
  const viewer = data?.viewer;
  return (
    <PageFrame title={words.you.title} about={words.you.about}>
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {!viewer && !error && <Loading />}
      {viewer && (
        <>
          <NameForm />
          <PasswordForm hasPassword={viewer.hasPassword} />
          <Passkeys passkeys={viewer.passkeys} />
          <ProviderPanel />
          <SecondFactor viewer={viewer} />
          <Sessions sessions={viewer.sessions} />
          <Tokens tokens={viewer.personalTokens} />
        </>
      )}
    </PageFrame>
  );
}
