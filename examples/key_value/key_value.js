// @ts-check
/** How many keys there may be, so that nobody fills the worker's memory. */
const MAX_KEYS = 10_000;

/**
 * A small key-value store in the worker's memory.
 *
 * @param {import("@msquicd/msquicd").HandlerToolkit} toolkit
 */
export default ({ defineMessage, defineHandler, ProtocolError, v }) => {
  const key = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
  const value = v.pipe(v.string(), v.maxLength(4096));
  const nothing = v.object({});

  const set = defineMessage({
    type: 0x8200,
    name: "kv.set",
    right: "write",
    request: v.object({ key, value }),
    response: v.object({ keys: v.number() }),
  });
  const get = defineMessage({
    type: 0x8201,
    name: "kv.get",
    right: "read",
    request: v.object({ key }),
    response: v.object({ value }),
  });
  const list = defineMessage({
    type: 0x8202,
    name: "kv.list",
    right: "read",
    request: nothing,
    response: v.object({ key, value }),
    sequence: true,
  });

  /** @type {Map<string, string>} */
  const values = new Map();

  return [
    defineHandler(set, ({ key, value }, context) => {
      if (!values.has(key) && values.size >= MAX_KEYS) {
        throw new ProtocolError("no-space", `There are ${MAX_KEYS} keys already`);
      }
      values.set(key, value);
      context.publish("kv.set", { key });
      return { keys: values.size };
    }, { atOnce: true }),
    defineHandler(get, ({ key }) => {
      const value = values.get(key);
      if (value === undefined) throw new ProtocolError("not-found", `No value for "${key}"`);
      return { value };
    }, { atOnce: true }),
    defineHandler(list, async function* () {
      for (const [key, value] of values) yield { key, value };
    }),
  ];
};
