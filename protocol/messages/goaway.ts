import type { NoticeDefinition } from "../definition.ts";
import { booleanField, fieldsOf, hasField, integerField, portsField } from "../fields.ts";

/** What a server says of itself on a stream of its own before it leaves. */
export interface GoAway {
  /** Ports of the same host that take over, least loaded first. */
  successors: number[];
  /** How long requests are still served on this connection, in milliseconds. */
  deadlineMs: number;
  /** Whether the server stays, and only has more to do than the others: the client need not go. */
  advice?: boolean;
}

/** Tells a client to go elsewhere. */
export const goaway: NoticeDefinition<GoAway, 4> = {
  type: 4,
  name: "goaway",
  parse(body) {
    const fields = fieldsOf(body);
    const goAway: GoAway = {
      successors: portsField(fields, "successors"),
      deadlineMs: integerField(fields, "deadlineMs", 0, Number.MAX_SAFE_INTEGER),
    };
    if (hasField(fields, "advice")) goAway.advice = booleanField(fields, "advice");
    return goAway;
  },
};
