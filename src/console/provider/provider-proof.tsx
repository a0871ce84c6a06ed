import { Divider, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { useSpeech } from "../use-speech.js";
import { ProviderButton } from "./provider-button.js";
import { useProviderWords } from "./provider-words.js";

/**
 * Who sits there proves who they are at the provider, which leads away from the page.
 *
 * @param isOneOfTwo whether a password stands above it
 */
export function ProviderProof({
  name,
  isOneOfTwo,
}: {
  readonly name: string;
  readonly isOneOfTwo: boolean;
}): ReactNode {
  const { say } = useSpeech();
  const { provider } = useProviderWords();
  const [location] = useLocation();
  const search = useSearch();
  return (
    <>
      {isOneOfTwo && <Divider label={provider.or} />}
      <Text c="dimmed">{say(provider.again, { name })}</Text>
      <ProviderButton
        name={name}
        purpose="confirm"
        returnTo={search ? `${location}?${search}` : location}
      />
    </>
  );
}
