import { ROUTES } from "../routes.js";
import type { Route } from "../route.js";

/**
 * From a creation to what can be done with the thing made: every row below its path with one more
 * parameter, which the answer names; those before it are the request's own.
 */
export function linksOf(route: Route): Readonly<Record<string, object>> {
  const { creates } = route;
  if (creates === undefined) return {};
  return Object.fromEntries(
    ROUTES.flatMap((target) => {
      const values = parameters(route, target, creates);
      if (!values) return [];
      const operationId = operationIdOf(target);
      const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}`;
      return [[name, { operationId, description: `${target.summary}.`, parameters: values }]];
    }),
  );
}

/** The name of a row's GraphQL operation. */
export function operationIdOf({ operation }: Route): string {
  const name = /^(?:query|mutation) (\w+)/.exec(operation)?.[1] ?? "";
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

/** @returns undefined when the target is not below the route, or wants more than the answer knows. */
function parameters(
  { path, method }: Route,
  target: Route,
  creates: string,
): Record<string, string> | undefined {
  const steps = path.split("/");
  const further = target.path.split("/");
  const isBelow = steps.every((step, index) => isSame(step, further[index] ?? ""));
  const added = further.slice(steps.length);
  if (!isBelow || method !== "POST" || added.filter((step) => step.startsWith("{")).length !== 1)
    return undefined;
  if (!added[0]?.startsWith("{")) return undefined;
  return Object.fromEntries(
    further.flatMap((step, index) => {
      if (!step.startsWith("{")) return [];
      const value =
        index < steps.length
          ? `$request.path.${nameOf(steps[index] ?? "")}`
          : `$response.body#${creates}`;
      return [[nameOf(step), value]];
    }),
  );
}

/** Parameters at the same place are the same, whatever each row calls them. */
function isSame(step: string, other: string): boolean {
  return step === other || (step.startsWith("{") && other.startsWith("{"));
}

function nameOf(step: string): string {
  return step.replace(/[{}]/g, "");
}
