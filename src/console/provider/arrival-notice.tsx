import { Box } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { OIDC_RESULT } from "../../protocol/console-api.js";
import { useSession } from "../session/session.js";
import { ProviderNotice } from "./provider-notice.js";
import { providerResult } from "./provider-result.js";

/** Says above the page what came of the way to the provider from which the browser comes, until another page is opened. */
export function ArrivalNotice(): ReactNode {
  const { ways } = useSession();
  const [location] = useLocation();
  const [{ result, page }, setArrival] = useState(() => ({
    result: providerResult(window.location.search),
    page: location,
  }));
  useEffect(() => {
    // Who loads the page again does not come from there.
    const url = new URL(window.location.href);
    url.searchParams.delete(OIDC_RESULT);
    history.replaceState(history.state, "", url);
  }, []);
  if (result === undefined || result === "second_factor" || page !== location) return null;
  const close = (): void => setArrival({ result: undefined, page });
  return (
    <Box maw="64rem" mx="auto" pb="md">
      <ProviderNotice result={result} name={ways.provider?.name ?? ""} onClose={close} />
    </Box>
  );
}
