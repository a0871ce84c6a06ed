import { Suspense, type ReactNode } from "react";
import { Redirect, Route, Switch } from "wouter";
import { useSession } from "../session/session.js";
import { MENU } from "./menu.js";
import { PageBoundary } from "./page-boundary.js";
import { Loading, NoPermission, NotFound } from "./states.js";

/** The page that the address names. */
export function Pages(): ReactNode {
  const { may, membership } = useSession();
  const { name, id } = membership.organization;
  const refusal = <NoPermission organization={name} />;
  const first = MENU.find(({ scope }) => scope === undefined || may(scope));
  return (
    <Switch>
      <Route path="/">{first ? <Redirect to={first.path} replace /> : refusal}</Route>
      {MENU.flatMap((entry) => [entry, ...(entry.below ?? [])]).map(({ path, scope, Page }) => (
        <Route key={path} path={path}>
          {scope === undefined || may(scope) ? (
            // What a page has in hand is of one organization.
            <PageBoundary key={`${path} ${id}`}>
              <Suspense fallback={<Loading />}>
                <Page />
              </Suspense>
            </PageBoundary>
          ) : (
            refusal
          )}
        </Route>
      ))}
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
