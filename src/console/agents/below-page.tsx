import { Button } from "@mantine/core";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import classes from "./agents.module.css";

/** A page below another, with the way back to that. */
export function BelowPage({
  href,
  back,
  children,
}: {
  readonly href: string;
  /** What the way back says. */
  readonly back: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className={classes.below}>
      <Button
        component={Link}
        href={href}
        size="compact-sm"
        variant="subtle"
        color="gray"
        c="dimmed"
        leftSection={<ArrowLeft size={16} aria-hidden />}
      >
        {back}
      </Button>
      {children}
    </div>
  );
}
