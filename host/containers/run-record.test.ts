import { expect, it } from "bun:test";
import { parseRunRecord, type RunRecord, runRecordFile } from "./run-record.ts";

it("the record of a run is read as it was written", () => {
  const record: RunRecord = {
    source: "r.example/a:2",
    image: { source: "r.example/a:1", digest: "sha256:0a" },
    pulling: { source: "r.example/a:2", receivedBytes: 1, totalBytes: null, failedAttempt: null },
    problem: "one line",
  };
  expect(parseRunRecord(JSON.stringify(record))).toEqual(record);
});

for (const text of [undefined, "", "{", "null", "[]", '"a"', "{}"]) {
  it(`${text ?? "no file"} is no record`, () => expect(parseRunRecord(text)).toBeUndefined());
}

it("each container has its own, beside the state of the runtime", () =>
  expect(runRecordFile("/run/host-containerd", "boot.a")).toBe("/run/host-containerd/runs/boot.a.json"));
