import { OIDC_RESULT, OIDC_RESULTS, type OidcResult } from "../../protocol/console-api.js";

/** What came of a way to the provider, as the page's address says. @returns undefined for nothing that we know */
export function providerResult(search: string): OidcResult | undefined {
  const told = new URLSearchParams(search).get(OIDC_RESULT);
  return OIDC_RESULTS.find((one) => one === told);
}
