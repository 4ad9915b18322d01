import assert from "node:assert/strict";
import { parseMoment } from "../../base/moment.ts";

Deno.test("parseMoment() reads times from now, and dates in UTC where they do not say", () => {
  const now = Date.parse("2030-01-01T00:00:00Z");
  const cases: [string, string][] = [
    ["0s", "2030-01-01T00:00:00.000Z"],
    ["90m", "2030-01-01T01:30:00.000Z"],
    ["12h", "2030-01-01T12:00:00.000Z"],
    ["30d", "2030-01-31T00:00:00.000Z"],
    ["2030-12-31", "2030-12-31T00:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2030-12-31T18:00", "2030-12-31T18:00:00.000Z"],
    ["2030-12-31T18:00:05Z", "2030-12-31T18:00:05.000Z"],
    ["2030-12-31T18:00+02:00", "2030-12-31T16:00:00.000Z"],
    ["2030-12-31T23:00-02:00", "2031-01-01T01:00:00.000Z"],
  ];
  for (const [text, moment] of cases) {
    const read = parseMoment(text, now);
    assert.equal(read === undefined ? read : new Date(read).toJSON(), moment, text);
  }
  const wrong = [
    ...["", "12", "1w", "1.5h", "-1h", "1 h", "tomorrow", "2030", "2030-1-1", "2030-13-01"],
    ...["2030-02-30", "2030-02-29T12:00", "2030-12-31T25:00", "2030-12-31 18:00", "9999999999s"],
    ...["999999999d", "2030-12-31Z", "+275760-09-13"],
  ];
  for (const text of wrong) assert.equal(parseMoment(text, now), undefined, text);
});
