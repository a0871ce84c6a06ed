import { Button } from "@mantine/core";
import { SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Nothing } from "../shell/states.js";
import { useAgentWords } from "./agent-words.js";

/** In the place of an agent, or of a version, that is not there. */
export function NoVersion(): ReactNode {
  const { agentPages } = useAgentWords();
  return (
    <Nothing
      Icon={SearchX}
      order={1}
      title={agentPages.gone}
      action={
        <Button component={Link} href="/agents" variant="default">
          {agentPages.back}
        </Button>
      }
    >
      {agentPages.goneHelp}
    </Nothing>
  );
}
