import { Divider } from "@mantine/core";
import type { ReactNode } from "react";
import { useSearch } from "wouter";
import { returnTo } from "../sign-in/return-to.js";
import { ProviderButton } from "./provider-button.js";
import { ProviderNotice } from "./provider-notice.js";
import { providerResult } from "./provider-result.js";
import { useProviderWords } from "./provider-words.js";

/** On the page to sign in on, below the password: by the company's provider. Says first what came of it before. */
export function ProviderSignIn({ name }: { readonly name: string }): ReactNode {
  const search = useSearch();
  const { provider } = useProviderWords();
  const result = providerResult(search);
  return (
    <>
      <Divider label={provider.or} />
      {result !== undefined && result !== "second_factor" && (
        <ProviderNotice result={result} name={name} />
      )}
      <ProviderButton name={name} purpose="sign_in" returnTo={returnTo(search)} />
    </>
  );
}
