const HIDDEN = "[hidden]";
const secrets = new Set<string>();

/**
 * Makes sure that `secret` appears in no log line of this process, whoever writes it: a last line of
 * defence, for nothing should log one to begin with.
 */
export function hideInLogs(secret: string): void {
  if (secret !== "") secrets.add(secret);
}

/** `text` with every secret known to {@linkcode hideInLogs} replaced. */
export function redact(text: string): string {
  for (const secret of secrets) text = text.replaceAll(secret, HIDDEN);
  return text;
}
