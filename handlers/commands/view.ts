/** A column of a table. */
export interface Column {
  heading: string;
  /** Whether its cells are numbers (aligned right). */
  numeric?: boolean;
  /** Where there is no room for all: the lower, the longer it is shown. Without one it always is. */
  rank?: number;
}

/** How a piece of text stands out, where there are colours. */
export type Style = "green" | "yellow" | "red" | "bold" | "dim";

/** What results are shown with to a person, on whatever that person looks at. */
export interface View {
  /** The instance whose manager answered. */
  readonly instance: string;
  /** Rows in aligned columns. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): string;
  /** Facts one after the other, on as many lines as they need. */
  facts(facts: readonly string[]): string;
  styled(style: Style, text: string): string;
  /** Bytes, in binary units. */
  bytes(bytes: number): string;
  /** A time span, from milliseconds. */
  duration(ms: number): string;
  /** Text that a stranger can influence: nothing in it can steer a terminal. */
  printable(text: string): string;
}
