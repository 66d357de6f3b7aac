import { describe, expect, it } from "bun:test";
import { ExampleApi, some, text } from "./testing.ts";

describe("the program that looks at the host", () => {
  it("is told of containers and registries, and of no user data and no credentials", async () => {
    const api = new ExampleApi({
      ...some,
      "settings.host-containers.admin.enabled": true,
      "settings.host-containers.admin.source": "example.com/admin:1",
      "settings.host-containers.admin.user-data": "c2VjcmV0",
      "settings.container-registry.mirrors": [{ registry: "*", endpoint: ["m"] }],
      "settings.container-registry.credentials": [{ registry: "r", password: "secret" }],
    });
    expect(await api.ask("GET", "/status")).toEqual({ status: 200, kind: "json", body: "{}" });
    expect(await api.ask("GET", "/doctor")).toEqual({ status: 200, kind: "json", body: "{}" });
    const told = {
      settings: {
        "container-registry": { mirrors: [{ registry: "*", endpoint: ["m"] }] },
        "host-containers": { admin: { enabled: true, source: "example.com/admin:1" } },
      },
      trial: null,
    };
    expect(api.looked).toEqual([
      { depth: "status", ...told },
      { depth: "doctor", ...told },
    ]);
  });

  it("is told of a trial that runs", async () => {
    const api = new ExampleApi(some);
    await api.ask("PATCH", "/settings", '{"motd":"tried"}');
    await api.ask("POST", "/tx/commit?try=60");
    await api.ask("GET", "/status");
    expect(api.looked).toEqual([
      { depth: "status", settings: {}, trial: { keys: ["settings.motd"], "seconds-left": 60 } },
    ]);
  });

  it("failing is a failure of the server's own", async () => {
    const api = new ExampleApi(some);
    api.broken = new Error("no systemd");
    expect(await api.ask("GET", "/status")).toEqual(text(500, "Looking at the host failed: no systemd"));
  });
});
