import { Group, Text } from "@mantine/core";
import { MessageCircle } from "lucide-react";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import classes from "./shell.module.css";

/** Whose page this is. */
export function BrandMark(): ReactNode {
  const { words } = useSpeech();
  return (
    <Group gap="xs" wrap="nowrap">
      <span className={classes.mark} aria-hidden>
        <MessageCircle size={16} strokeWidth={2.5} />
      </span>
      <Text fw={700} className={classes.productName}>
        {words.common.product}
      </Text>
    </Group>
  );
}
