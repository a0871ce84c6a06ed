import { Component, type ReactNode } from "react";
import { Trouble } from "./states.js";

interface Props {
  readonly children: ReactNode;
}

/** A page that fails, or whose file does not come, leaves the menu as it is. */
export class PageBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    // A new version of the console has other files: the page's own address brings them.
    return <Trouble error={this.state.error} onTryAgain={() => location.reload()} />;
  }
}
