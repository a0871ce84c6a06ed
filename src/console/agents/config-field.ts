import type { Fields } from "../../protocol/read.js";
import type { AgentChoiceWords, AgentFieldWords } from "./agent-catalogue.js";

export type FieldWord = keyof AgentFieldWords;
export type ChoiceWord = keyof AgentChoiceWords;

/** What every field has. */
interface Named {
  /** Of its value, in the object that it is a field of: `model.name`. */
  readonly path: string;
  readonly label: FieldWord;
  readonly help?: FieldWord;
  /** Whether it is shown of this object. What is set is always shown. */
  fits?(parent: Fields): boolean;
}

/** One line, or several; empty: absent, except where it is needed. */
interface TextConfigField extends Named {
  readonly kind: "text" | "long";
  readonly isNeeded?: boolean;
}

interface NumberConfigField extends Named {
  readonly kind: "number";
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
}

/** A number where the form's field asks for one, else text. */
interface BoundConfigField extends Named {
  readonly kind: "bound";
}

/** Yes, no, or as it comes. */
interface YesNoConfigField extends Named {
  readonly kind: "yesNo";
}

/** One of a few words. */
interface ChoiceConfigField extends Named {
  readonly kind: "choice";
  readonly choices: Readonly<Record<string, ChoiceWord>>;
  readonly isNeeded?: boolean;
}

/** One of what the operator offers. */
interface OfferedConfigField extends Named {
  readonly kind: "offered";
}

/** Who speaks, and what. */
interface MessageConfigField extends Named {
  readonly kind: "message";
  /** Whether it may be absent, and whether the agent may wait for the visitor. */
  readonly isStart: boolean;
}

/** Which cards; absent: all. */
interface CardsConfigField extends Named {
  readonly kind: "cards";
}

/** Texts, one a line. */
interface LinesConfigField extends Named {
  readonly kind: "lines";
}

/** What is on by its key alone, with what it has. */
interface PartConfigField extends Named {
  readonly kind: "part";
  readonly begin: Fields;
  readonly fields: readonly ConfigField[];
}

/** Items that are added, moved and taken away. */
export interface ListConfigField extends Named {
  readonly kind: "list";
  /** What one of them is called. */
  readonly item: FieldWord;
  readonly max: number;
  readonly fields: readonly ConfigField[];
  begin(items: readonly unknown[]): Fields;
}

/** Fields that are of one matter. Its path is where a warning about all of them stands. */
interface GroupConfigField extends Named {
  readonly kind: "group";
  /** Paths as outside of it. */
  readonly fields: readonly ConfigField[];
}

export type ConfigField =
  | TextConfigField
  | NumberConfigField
  | BoundConfigField
  | YesNoConfigField
  | ChoiceConfigField
  | OfferedConfigField
  | MessageConfigField
  | CardsConfigField
  | LinesConfigField
  | PartConfigField
  | ListConfigField
  | GroupConfigField;

export interface ConfigSection {
  readonly title: "talk" | "model" | "tools" | "forms" | "speech" | "website";
  readonly fields: readonly ConfigField[];
}
