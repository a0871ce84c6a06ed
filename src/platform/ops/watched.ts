import type { IncomingMessage, ServerResponse } from "node:http";
import type { IRouter } from "express";
import { belowPublicPath } from "../http/behind-proxy.js";
import type { ExpressApp } from "../http/hot-routes.js";

/** Of others a client may invent any number. */
const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
]);
const OTHER = "other";

/** What a request is, in words that we chose. */
interface Asked {
  readonly method: string;
  /** Its template: what a visitor wrote into a path is in none. */
  readonly route: string;
}

/** How its answer ended. */
interface Ended {
  /** Undefined for a client that went away before it had it all. */
  readonly status: number | undefined;
  readonly seconds: number;
}

/** @returns who hears of the answer's end; undefined for what is of no interest. */
export type RequestWatcher = (
  req: IncomingMessage,
  asked: Asked,
) => ((ended: Ended) => void) | undefined;

/** Tells of each request, whichever way it is answered, from before anything is done for it. */
export function watched(
  app: ExpressApp,
  { publicPath, watchers }: { publicPath: string; watchers: readonly RequestWatcher[] },
): ExpressApp {
  const routes = new RouteNames(["/graphql", ...templatesOf(app.router)]);
  const { messages, router } = app;
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    const begunMs = performance.now();
    const { method = "", url = "" } = req;
    const asked = {
      method: METHODS.has(method) ? method : OTHER,
      route: routes.of(belowPublicPath(url, publicPath)),
    };
    const listeners = watchers.flatMap((watcher) => watcher(req, asked) ?? []);
    res.once("close", () => {
      const status = res.writableFinished ? res.statusCode : undefined;
      const seconds = (performance.now() - begunMs) / 1000;
      for (const listener of listeners) listener({ status, seconds });
    });
    app(req, res);
  };
  return Object.assign(handle, { messages, router });
}

/** Every path that a handler was put on. */
function templatesOf({ stack }: Pick<IRouter, "stack">): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route) return [route.path].flat();
    return "stack" in handle ? templatesOf(handle as unknown as IRouter) : [];
  });
}

interface Step {
  readonly next: Map<string, Step>;
  /** Where any text stands. */
  any?: Step;
  template?: string;
}

/** Finds a path's template, as the documentation writes it: `/core/agents/{id}`. */
export class RouteNames {
  private readonly root: Step = { next: new Map() };

  /** @param paths as Express has them, `/core/agents/:id`. */
  constructor(paths: readonly string[]) {
    for (const path of paths) {
      let step = this.root;
      for (const part of path.split("/").slice(1)) {
        const below: Step = (part.startsWith(":") ? step.any : step.next.get(part)) ?? {
          next: new Map(),
        };
        if (part.startsWith(":")) step.any = below;
        else step.next.set(part, below);
        step = below;
      }
      step.template ??= path.replaceAll(/:(\w+)/g, "{$1}");
    }
  }

  /** @returns `other` for what is none of ours. */
  of(url: string): string {
    const [path = ""] = url.split("?");
    let step: Step | undefined = this.root;
    for (const part of path.replace(/\/$/, "").split("/").slice(1)) {
      step = step.next.get(part) ?? step.any;
      if (!step) return OTHER;
    }
    return step.template ?? OTHER;
  }
}
