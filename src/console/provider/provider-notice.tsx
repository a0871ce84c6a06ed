import { Alert } from "@mantine/core";
import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { OidcResult } from "../../protocol/console-api.js";
import { useSpeech } from "../use-speech.js";
import { useProviderWords } from "./provider-words.js";

const GOOD: readonly OidcResult[] = ["connected", "confirmed"];

/**
 * Says what came of a way to the provider.
 *
 * @param name of the provider
 * @param onClose absent where it stays
 */
export function ProviderNotice({
  result,
  name,
  onClose,
}: {
  readonly result: Exclude<OidcResult, "second_factor">;
  readonly name: string;
  readonly onClose?: () => void;
}): ReactNode {
  const { words, say } = useSpeech();
  const { providerResult: own } = useProviderWords();
  const isGood = GOOD.includes(result);
  return (
    <Alert
      color={isGood ? "teal" : "red"}
      icon={isGood ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}
      title={isGood ? own.good : own.bad}
      role={isGood ? "status" : "alert"}
      withCloseButton={onClose !== undefined}
      closeButtonLabel={words.common.close}
      {...(onClose ? { onClose } : {})}
    >
      {say(own[result], { name })}
    </Alert>
  );
}
