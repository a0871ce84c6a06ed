import { Anchor, Badge, Button, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { WidgetsQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { TablePanel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import { unfinishedWidget } from "./new-widget-draft.js";
import { widgetName } from "./widget-name.js";
import { WidgetState } from "./widget-state.js";

type WidgetRow = NonNullable<WidgetsQuery["widgets"]>["nodes"][number];

export function WidgetTable({ widgets }: { readonly widgets: readonly WidgetRow[] }): ReactNode {
  const { words, ago } = useSpeech();
  const { widgets: said } = words;
  const { membership, may } = useSession();
  const unfinishedId = unfinishedWidget(membership.organization.id);
  const isUnfinished = ({ id, published }: WidgetRow): boolean => id === unfinishedId && !published;
  return (
    <TablePanel
      heads={[
        said.widget,
        said.state,
        said.agent,
        said.lastConversation,
        <VisuallyHidden key="actions">{words.common.actions}</VisuallyHidden>,
      ]}
    >
      {widgets.map((widget) => {
        const last = widget.conversations?.nodes[0]?.createdAt;
        return (
          <Table.Tr key={widget.id}>
            <Table.Td>
              <Stack gap={2}>
                <Anchor
                  component={Link}
                  href={`/widgets/${widget.id}${may("WEB_WIDGETS_MANAGE") ? "" : "/access"}`}
                  size="sm"
                  fw={500}
                >
                  {widgetName(widget)}
                </Anchor>
                <Text size="sm" c="dimmed">
                  {websitesOf(widget.domains) || said.anyWebsite}
                </Text>
              </Stack>
            </Table.Td>
            <Table.Td>
              <Stack gap={4} align="flex-start">
                {isUnfinished(widget) && (
                  <Badge
                    color="yellow"
                    variant="light"
                    c="var(--mantine-color-text)"
                    miw="max-content"
                  >
                    {said.unfinished}
                  </Badge>
                )}
                <WidgetState widget={widget} />
              </Stack>
            </Table.Td>
            <Table.Td>{widget.agent?.name}</Table.Td>
            <Table.Td className={classes.date}>{last ? ago(last) : words.common.never}</Table.Td>
            <Table.Td ta="end">
              {isUnfinished(widget) ? (
                <RowLink href="/widgets/new" action={said.goOn} name={widgetName(widget)} />
              ) : (
                <RowLink
                  href={`/widgets/${widget.id}/install`}
                  action={said.snippet}
                  name={widgetName(widget)}
                />
              )}
            </Table.Td>
          </Table.Tr>
        );
      })}
    </TablePanel>
  );
}

function RowLink({
  href,
  action,
  name,
}: {
  readonly href: string;
  readonly action: string;
  /** Of the widget: screen readers say which one it is. */
  readonly name: string;
}): ReactNode {
  return (
    <Button
      component={Link}
      href={href}
      size="xs"
      variant="default"
      aria-label={`${action}: ${name}`}
    >
      {action}
    </Button>
  );
}

/** @param domains whole origins; what stands before the host says nothing to an owner */
function websitesOf(domains: readonly string[]): string {
  return domains.map((origin) => origin.replace(/^https:\/\//, "")).join(", ");
}
