import helmet from "helmet";
import type { RequestHandler } from "express";

/**
 * Helmet's headers for everything but the embed's own files, whose headers are the contract's
 * section 8. HSTS and `upgrade-insecure-requests` only over https: they would break plain http.
 */
export function securityHeaders(publicUrl: string): RequestHandler {
  const https = publicUrl.startsWith("https:");
  return helmet({
    strictTransportSecurity: https,
    contentSecurityPolicy: {
      directives: { upgradeInsecureRequests: https ? [] : null },
    },
  });
}
