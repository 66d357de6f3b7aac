/** host-ctr as on a host (sealed, without the JIT), beside containerd's own client `ctr` on the same containerd. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishImages } from "../lab/publish.ts";
import { startRegistry, stopRegistry } from "../lab/registry.ts";
import { ensureSdk, progressLines } from "../sdk/index.ts";
import { ContainerHost } from "../tests/containers/support/host.ts";
import { makeImage } from "../tests/containers/support/image.ts";
import { TestRegistry } from "../tests/containers/support/registry.ts";
import { containerStarts } from "./container-starts.ts";
import { imagePulls } from "./image-pulls.ts";
import type { Benchmark, Figure } from "./report.ts";

export const containersBenchmark: Benchmark = {
  name: "containers",
  about: "Host containers started and images pulled by host-ctr, beside ctr",
  async run(progress) {
    const host = await ContainerHost.start();
    try {
      return [...(await starts(host, progress)), ...(await pulls(host, progress))];
    } finally {
      await host.remove();
    }
  },
};

async function starts(host: ContainerHost, progress: (line: string) => void): Promise<readonly Figure[]> {
  const registry = await TestRegistry.start();
  try {
    await host.useRegistry(registry.address);
    const image = makeImage(host.tools, { script: "echo >/.bottlerocket/host-containers/current/runs" });
    registry.put("start", image);
    return await containerStarts(host, "registry.test/start:1", progress);
  } finally {
    await registry.stop();
  }
}

async function pulls(host: ContainerHost, progress: (line: string) => void): Promise<readonly Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-bench-"));
  try {
    const { url } = await startRegistry(await ensureSdk(progressLines()), true, directory);
    const images = await publishImages(["admin"], url, progressLines());
    const { host: address } = new URL(url);
    await host.useRegistry(address);
    const figures: Figure[] = [];
    for (const { repository, version } of images) {
      figures.push(...(await imagePulls(host, address, `${repository}:${version}`, progress)));
    }
    return figures;
  } finally {
    await stopRegistry(directory);
    await rm(directory, { recursive: true, force: true });
  }
}
