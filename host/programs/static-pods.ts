/** static-pods: pods that the node runs by itself (specification "rendered-config" 10.3, "containers" 21). */
import { setUpStaticPods } from "../platform/orchestrator/index.ts";
import { tell } from "../platform/remarks.ts";
import { loadInstalledVariant } from "../settings/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";
import { readMember } from "./settings-member.ts";

const shape = {
  name: "static-pods",
  about: "Writes the manifests of settings.kubernetes.static-pods to where the kubelet looks for them.",
  options: [socketOption],
};

/** @returns 0, also where there is no Kubernetes; 1 if a pod could not be set up (the others are); 2 for wrong usage */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    if ((await loadInstalledVariant()).runtime !== "k8s") return 0;
    tell(say, await setUpStaticPods("/", await readMember(apiOf(given).socketPath, "kubernetes")));
    return 0;
  });
}
