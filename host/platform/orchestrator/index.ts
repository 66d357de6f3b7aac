/**
 * What the agent of the orchestrator is given by programs and not by templates: static pods for the kubelet, the
 * configuration of the agent of Amazon ECS. What answers to `static-pods` and `ecs-settings-applier` lives here.
 *
 * Every function takes `root`, the directory under which the host's files are found: "/" on a host.
 */

export { setUpStaticPods } from "./set-up-static-pods.ts";
export { writeEcsConfig } from "./write-ecs-config.ts";
