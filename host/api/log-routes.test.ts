import { describe, expect, it } from "bun:test";
import { ExampleApi, json, some } from "./testing.ts";

const containers = {
  "settings.host-containers.admin.enabled": true,
  "settings.bootstrap-containers.prepare.mode": "once",
  "settings.bootstrap-containers.admin.mode": "off",
};
const ask = (query: string) => new ExampleApi({ ...some, ...containers }).ask("GET", `/logs?${query}`);
const plain = { follow: false, lines: 200 };

describe("GET /logs", () => {
  const understood: [what: string, query: string, expected: object][] = [
    ["takes a service without its suffix", "unit=chronyd", { unit: "chronyd.service", ...plain }],
    ["takes a unit of any type", "unit=timers.target", { unit: "timers.target", ...plain }],
    ["takes a host container by its name", "unit=admin", { unit: "host-containers@admin.service", ...plain }],
    [
      "takes a bootstrap container",
      "unit=prepare",
      { unit: "bootstrap-containers@prepare.service", ...plain },
    ],
    [
      "takes the bootstrap container of a host container's name by its unit",
      "unit=bootstrap-containers@admin",
      { unit: "bootstrap-containers@admin.service", ...plain },
    ],
    ["takes the name of no setting for a service", "unit=adm", { unit: "adm.service", ...plain }],
    ["takes escaped names", "unit=a%5Cx2db", { unit: "a\\x2db.service", ...plain }],
    ["follows", "unit=a&follow=true", { unit: "a.service", follow: true, lines: 200 }],
    ["does not follow if told not to", "unit=a&follow=false", { unit: "a.service", ...plain }],
    [
      "begins some time ago",
      "unit=a&since=1d2h3m4s",
      { unit: "a.service", follow: false, since: "-93784s", lines: "all" },
    ],
    [
      "begins at a time",
      "unit=a&since=2026-01-31T12:00:00%2B01:00",
      { unit: "a.service", follow: false, since: "@1769857200", lines: "all" },
    ],
    [
      "begins on a day",
      "unit=a&since=2026-01-31",
      { unit: "a.service", follow: false, since: "@1769817600", lines: "all" },
    ],
    [
      "takes the last lines",
      "unit=a&since=1m&lines=0",
      { unit: "a.service", follow: false, since: "-60s", lines: 0 },
    ],
    ["takes all lines", "unit=a&lines=all", { unit: "a.service", follow: false, lines: "all" }],
  ];
  for (const [what, query, expected] of understood) {
    it(what, async () => expect(await ask(query)).toEqual(json(expected)));
  }

  const refused: [what: string, query: string, begins: string][] = [
    ["needs a unit", "follow=true", "The parameter unit is missing"],
    [
      "refuses what could be an option",
      "unit=-M",
      'The parameter unit is "-M"; accepted: the name of a unit',
    ],
    ["refuses what could be a long option", "unit=--root=/x", 'The parameter unit is "--root=/x"'],
    ["refuses a pattern", "unit=a*", 'The parameter unit is "a*"'],
    ["refuses a set of characters", "unit=[ab]", 'The parameter unit is "[ab]"'],
    ["refuses a path", "unit=/etc/passwd", 'The parameter unit is "/etc/passwd"'],
    ["refuses a second line", "unit=a%0Ab", 'The parameter unit is "a\\nb"'],
    ["refuses 256 characters", `unit=${"a".repeat(256)}`, 'The parameter unit is "aaa'],
    [
      "refuses other words than true and false",
      "unit=a&follow=1",
      'The parameter follow is "1"; accepted: true, false',
    ],
    ["refuses no time", "unit=a&since=", 'The parameter since is ""; accepted: a time'],
    ["refuses what only systemd understands", "unit=a&since=yesterday", 'The parameter since is "yesterday"'],
    ["refuses an option as time", "unit=a&since=-1d", 'The parameter since is "-1d"'],
    ["refuses a day that there is not", "unit=a&since=2026-13-31", 'The parameter since is "2026-13-31"'],
    ["refuses eight digits of lines", "unit=a&lines=12345678", 'The parameter lines is "12345678"'],
    ["refuses a negative number of lines", "unit=a&lines=-1", 'The parameter lines is "-1"'],
  ];
  for (const [what, query, begins] of refused) {
    it(what, async () => {
      const { status, body } = await ask(query);
      expect(status).toBe(400);
      expect(body).toStartWith(begins);
    });
  }

  it("takes 255 characters", async () => {
    expect((await ask(`unit=${"a".repeat(247)}.service`)).status).toBe(200);
  });
});
