/**
 * The peer of the API benchmarks: the least a server can do on the same runtime. GET answers a prepared text;
 * POST /commit writes that text to a file whole, with the two fsyncs that a commit needs; POST /stage writes what it is
 * sent, which has to be JSON, without any.
 *
 * Started as: peer-server.ts SOCKET ANSWER-FILE COMMIT-FILE
 */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

const [socketPath, answerFile, commitFile] = process.argv.slice(2);
if (socketPath === undefined || answerFile === undefined || commitFile === undefined) {
  throw new Error("usage: peer-server.ts SOCKET ANSWER-FILE COMMIT-FILE");
}
const answer = await Bun.file(answerFile).text();
// Commits of a store are one after another; a peer that writes its files side by side would do another job.
let last: Promise<void> = Promise.resolve();

Bun.serve({
  unix: socketPath,
  async fetch(request) {
    if (request.method === "GET") {
      return new Response(answer, { headers: { "content-type": "application/json" } });
    }
    const text = await request.text();
    if (new URL(request.url).pathname === "/stage") {
      JSON.parse(text);
      await Bun.write(`${commitFile}.staged.new`, text);
      await rename(`${commitFile}.staged.new`, `${commitFile}.staged`);
      return new Response(null, { status: 204 });
    }
    last = last.then(() => writeDurably(commitFile, answer));
    await last;
    return new Response("[]", { headers: { "content-type": "application/json" } });
  },
});
console.log("serving");

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, "w");
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  const directory = await open(dirname(path), "r");
  await directory.sync();
  await directory.close();
}
