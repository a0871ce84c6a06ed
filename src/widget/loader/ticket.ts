import { readFields, readText } from "../../protocol/read.js";

/**
 * The embed ticket, asked for in the page, because only here the browser sends the page's true origin.
 * @returns `status`: 0 when the platform was not reached
 */
export async function fetchTicket(
  runtime: string,
): Promise<{ ticket: string | undefined; status: number }> {
  let ticket: string | undefined;
  let status = 0;
  try {
    const response = await fetch(`${runtime}/embed-ticket`, {
      credentials: "omit",
      method: "POST",
    });
    status = response.status;
    ticket = readText(readFields(await response.json())["ticket"]);
  } catch {
    // The status says what there is to say.
  }
  return { ticket, status };
}
