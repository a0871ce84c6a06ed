import type { ParleyProcess } from "../support/process.js";

/**
 * @param widgetConfig the widget's own.
 * @param key of the organization that has them: the demo's, unless it is named.
 * @returns the id of a live widget of an agent with this config.
 */
export async function publishAgent(
  parley: ParleyProcess,
  config: object,
  widgetConfig: object = {},
  key = parley.demoKey,
): Promise<string> {
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const answer = await parley.json(path, { key, body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
    return JSON.parse(answer.text);
  };
  const { id: agentId } = await post("/core/agents", { name: "Ada" });
  const version = await post(`/core/agents/${agentId}/versions`, { config });
  await post(`/core/agents/${agentId}/versions/1/publish`, {});
  const widget = {
    agent_id: agentId,
    agent_version_id: version["id"],
    published: true,
    config: widgetConfig,
  };
  const { id = "" } = await post("/core/web-widgets", widget);
  return id;
}
