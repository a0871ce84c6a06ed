import { Button, Stack } from "@mantine/core";
import { Building2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { OidcPurpose } from "../../protocol/console-api.js";
import { callRoute } from "../api/console-routes.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { useProviderWords } from "./provider-words.js";

/**
 * Takes the browser to the provider.
 *
 * @param name of the provider
 * @param returnTo where the console goes on then
 * @param label what it says in place of that one goes on there
 */
export function ProviderButton({
  name,
  purpose,
  returnTo,
  label,
  confirmed = (send) => send(),
}: {
  readonly name: string;
  readonly purpose: OidcPurpose;
  readonly returnTo: string;
  readonly label?: string;
  /** Asks who sits there where that is needed. */
  readonly confirmed?: (send: () => Promise<void>) => Promise<void>;
}): ReactNode {
  const { say } = useSpeech();
  const { provider } = useProviderWords();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const go = async (): Promise<void> => {
    setIsBusy(true);
    setError(undefined);
    try {
      await confirmed(async () => {
        const { url } = await callRoute("oidc/start", { purpose, returnTo });
        // Busy until the page has gone.
        location.assign(url);
      });
    } catch (reason) {
      setError(reason);
      setIsBusy(false);
    }
  };
  return (
    <Stack gap="sm">
      {error !== undefined && <Trouble error={error} />}
      <Button
        variant="default"
        leftSection={<Building2 size={18} strokeWidth={1.75} aria-hidden />}
        loading={isBusy}
        onClick={() => void go()}
      >
        {label ?? say(provider.goOn, { name })}
      </Button>
    </Stack>
  );
}
