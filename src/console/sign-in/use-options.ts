import { useEffect, useState } from "react";
import type { SignInOptions } from "../../protocol/console-api.js";
import { readOptions } from "../api/console-routes.js";

/** How one can sign in here. Undefined until it is known, and where the server does not say. */
export function useOptions(): SignInOptions | undefined {
  const [options, setOptions] = useState<SignInOptions>();
  useEffect(() => {
    readOptions().then(setOptions, () => {
      // What is there without works all the same.
    });
  }, []);
  return options;
}
