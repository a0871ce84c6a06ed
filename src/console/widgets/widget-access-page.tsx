import { useQuery } from "@apollo/client/react";
import { Alert, Stack } from "@mantine/core";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useParams } from "wouter";
import { WidgetAccessDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import classes from "../shell/shell.module.css";
import { Loading, Trouble } from "../shell/states.js";
import { DomainsPanel } from "./domains-panel.js";
import { ForGoodPanel } from "./for-good-panel.js";
import { IdentitySecretPanel } from "./identity-secret-panel.js";
import { LimitsPanel } from "./limits-panel.js";
import { PublishPanel } from "./publish-panel.js";
import { SecurityPanel } from "./security-panel.js";
import { UsagePanel } from "./usage-panel.js";
import { WidgetFrame } from "./widget-frame.js";
import { useWidgetWords } from "./widget-words.js";

/** Who may talk to a widget, from where, how much; and its end. */
export function WidgetAccessPage(): ReactNode {
  const { id = "" } = useParams<{ id: string }>();
  return (
    <WidgetFrame>
      {/* What is entered is of one widget. */}
      <Access key={id} id={id} />
    </WidgetFrame>
  );
}

function Access({ id }: { readonly id: string }): ReactNode {
  const { widgetAccess } = useWidgetWords();
  const { may } = useSession();
  const manages = may("WEB_WIDGETS_MANAGE");
  const { data, error, refetch } = useQuery(WidgetAccessDocument, {
    variables: { id, manages },
    fetchPolicy: "cache-and-network",
  });
  const widget = data?.widget;
  if (!widget) {
    return error ? (
      <Trouble error={error} onTryAgain={() => void refetch().catch(() => {})} />
    ) : (
      <Loading />
    );
  }
  const { security, usage } = widget;
  return (
    <Stack gap="xl">
      {!manages && <Locked>{widgetAccess.change}</Locked>}
      <PublishPanel widget={widget} manages={manages} />
      <DomainsPanel widget={widget} manages={manages} />
      {security ? (
        <>
          <SecurityPanel id={id} security={security} />
          <IdentitySecretPanel id={id} />
        </>
      ) : (
        <Locked>{widgetAccess.hidden}</Locked>
      )}
      {usage && <UsagePanel usage={usage} />}
      {usage && security && <LimitsPanel id={id} security={security} usage={usage} />}
      {manages && <ForGoodPanel widget={widget} />}
    </Stack>
  );
}

/** What a role does not allow. */
function Locked({ children }: { readonly children: string }): ReactNode {
  return (
    <Alert
      role="note"
      icon={<Lock aria-hidden />}
      color="gray"
      maw="40rem"
      className={classes.notice}
    >
      {children}
    </Alert>
  );
}
