import helmet from "helmet";
import type { Request, RequestHandler, Response } from "express";
import { setHeaders, type HeaderList } from "./hot-routes.js";

/**
 * Helmet's headers for everything but the embed's own files, whose headers are the contract's
 * section 8. HSTS and `upgrade-insecure-requests` only over https: they would break plain http.
 */
export function securityHeaderList(publicUrl: string): HeaderList {
  const https = publicUrl.startsWith("https:");
  return headersSetBy(
    helmet({
      strictTransportSecurity: https,
      contentSecurityPolicy: {
        directives: { upgradeInsecureRequests: https ? [] : null },
      },
    }),
  );
}

/** Sets them: none depends on the request, so helmet is asked once and not each time. */
export function securityHeaders(list: HeaderList): RequestHandler {
  return (_req, res, next) => {
    setHeaders(res, list);
    next();
  };
}

function headersSetBy(handler: ReturnType<typeof helmet>): HeaderList {
  const list: string[] = [];
  const res = {
    setHeader: (name: string, value: string) => void list.push(name, value),
    removeHeader: () => {},
  };
  // The two methods that helmet calls are all that it needs of a response.
  handler({} as Request, res as unknown as Response, () => {});
  return list;
}
