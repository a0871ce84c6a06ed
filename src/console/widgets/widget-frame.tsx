import { useQuery } from "@apollo/client/react";
import { Anchor, Button, Group, Stack } from "@mantine/core";
import { ArrowLeft, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useParams, useRoute } from "wouter";
import { hasCode } from "../api/graphql-client.js";
import { WidgetHeadDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { widgetName } from "./widget-name.js";
import { useWidgetWords, type WidgetWords } from "./widget-words.js";
import { WidgetState } from "./widget-state.js";
import classes from "./widgets.module.css";

/** The pages of a widget, in the order in which they are shown. `below` stands after `/widgets/<id>`. */
const TABS: readonly {
  readonly below: string;
  readonly title: keyof WidgetWords["widgetPages"];
  /** Whether it is for who manages widgets alone. */
  readonly isManaging?: boolean;
}[] = [
  { below: "", title: "edit", isManaging: true },
  { below: "/access", title: "access" },
  { below: "/history", title: "history" },
  { below: "/install", title: "install" },
];

/**
 * What all pages of one widget share: what it is called, whether visitors can talk to it, and the ways to its other
 * pages. The address says which widget.
 *
 * @param children shown as soon as it is known that there is such a widget
 */
export function WidgetFrame({ children }: { readonly children: ReactNode }): ReactNode {
  const { widgetPages } = useWidgetWords();
  const { may } = useSession();
  const { id = "" } = useParams<{ id: string }>();
  const tabs = TABS.filter(({ isManaging }) => !isManaging || may("WEB_WIDGETS_MANAGE"));
  const { data, error, refetch } = useQuery(WidgetHeadDocument, {
    variables: { id },
    fetchPolicy: "cache-and-network",
  });
  const widget = data?.widget;
  if (hasCode(error, "NOT_FOUND", 404) || hasCode(error, "BAD_USER_INPUT", 400)) {
    return (
      <Nothing Icon={SearchX} order={1} title={widgetPages.gone} action={<BackToList />}>
        {widgetPages.goneHelp}
      </Nothing>
    );
  }
  if (!widget) {
    return error ? (
      <Trouble error={error} onTryAgain={() => void refetch().catch(() => {})} />
    ) : (
      <Loading />
    );
  }
  return (
    <Stack gap="xs" maw="64rem" mx="auto">
      <Group>
        <BackToList />
      </Group>
      <PageFrame title={widgetName(widget)}>
        <WidgetState widget={widget} />
        <Group component="nav" aria-label={widgetPages.pages} gap="lg" className={classes.tabs}>
          {tabs.map(({ below, title }) => (
            <Tab key={title} href={`/widgets/${id}${below}`}>
              {widgetPages[title]}
            </Tab>
          ))}
        </Group>
        {children}
      </PageFrame>
    </Stack>
  );
}

function Tab({ href, children }: { readonly href: string; readonly children: string }): ReactNode {
  const [isHere] = useRoute(href);
  return (
    <Anchor
      component={Link}
      href={href}
      underline="never"
      className={classes.tab ?? ""}
      aria-current={isHere ? "page" : undefined}
    >
      {children}
    </Anchor>
  );
}

function BackToList(): ReactNode {
  const { widgetPages } = useWidgetWords();
  return (
    <Button
      component={Link}
      href="/widgets"
      size="compact-sm"
      variant="subtle"
      color="gray"
      c="dimmed"
      leftSection={<ArrowLeft size={16} aria-hidden />}
    >
      {widgetPages.toWidgets}
    </Button>
  );
}
