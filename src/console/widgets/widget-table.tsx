import { Button, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { WidgetsQuery } from "../generated/operations.js";
import { TablePanel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import { widgetName } from "./widget-name.js";
import { WidgetState } from "./widget-state.js";

type WidgetRow = NonNullable<WidgetsQuery["widgets"]>["nodes"][number];

export function WidgetTable({ widgets }: { readonly widgets: readonly WidgetRow[] }): ReactNode {
  const { words, ago } = useSpeech();
  const { widgets: said } = words;
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
                <Text size="sm" fw={500}>
                  {widgetName(widget)}
                </Text>
                <Text size="sm" c="dimmed">
                  {websitesOf(widget.domains) || said.anyWebsite}
                </Text>
              </Stack>
            </Table.Td>
            <Table.Td>
              <WidgetState widget={widget} />
            </Table.Td>
            <Table.Td>{widget.agent?.name}</Table.Td>
            <Table.Td className={classes.date}>{last ? ago(last) : words.common.never}</Table.Td>
            <Table.Td ta="end">
              <Button
                component={Link}
                href={`/widgets/${widget.id}/install`}
                size="xs"
                variant="default"
                aria-label={`${said.snippet}: ${widgetName(widget)}`}
              >
                {said.snippet}
              </Button>
            </Table.Td>
          </Table.Tr>
        );
      })}
    </TablePanel>
  );
}

/** @param domains whole origins; what stands before the host says nothing to an owner */
function websitesOf(domains: readonly string[]): string {
  return domains.map((origin) => origin.replace(/^https:\/\//, "")).join(", ");
}
