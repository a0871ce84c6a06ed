/** The loader's second file below the embed's address, and its hash: the build puts them in (`src/tooling/build-loader.ts`). */
export const FRAME = { file: "", integrity: "" };
