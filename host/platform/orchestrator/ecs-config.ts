/**
 * The configuration of the agent of Amazon ECS, from the settings.
 *
 * @source  specification "rendered-config" 9.3
 */

/** How the agent numbers the ways to pull images. */
const pullBehaviors = ["default", "always", "once", "prefer-cached"];

/**
 * The text of `ecs.config.json`: one line, with what is not set left out.
 *
 * @param settings   the settings of the host
 * @param variantId  name of the variant: the agent tells it to the cluster as an attribute
 * @returns the groups that are missing, if there are any
 */
export function ecsConfig(
  settings: unknown,
  variantId: string,
): { readonly text: string } | { readonly missing: readonly string[] } {
  const groups = tableOf(settings);
  const missing = ["ecs", "autoscaling"].filter((name) => groups[name] === undefined);
  if (missing.length > 0) return { missing: missing.map((name) => `settings.${name}`) };
  const ecs = tableOf(groups.ecs);
  const { "allow-privileged-containers": allowsPrivileged, "logging-drivers": drivers } = ecs;
  const pull = ecs["image-pull-behavior"];
  const config = {
    Cluster: ecs.cluster,
    InstanceAttributes: { "bottlerocket.variant": variantId, ...tableOf(ecs["instance-attributes"]) },
    PrivilegedDisabled: allowsPrivileged === undefined ? undefined : allowsPrivileged !== true,
    AvailableLoggingDrivers: Array.isArray(drivers) && drivers.length > 0 ? drivers : undefined,
    SpotInstanceDrainingEnabled: ecs["enable-spot-instance-draining"],
    WarmPoolsSupport: tableOf(groups.autoscaling)["should-wait"],
    ImagePullBehavior: pull === undefined ? undefined : pullBehaviors.indexOf(String(pull)),
    TaskIAMRoleEnabled: true,
    TaskIAMRoleEnabledForNetworkHost: true,
    SELinuxCapable: true,
    OverrideAWSLogsExecutionRole: true,
    TaskENIEnabled: true,
    GPUSupportEnabled: variantId.endsWith("-nvidia"),
    TaskMetadataSteadyStateRate: ecs["metadata-service-rps"],
    TaskMetadataBurstRate: ecs["metadata-service-burst"],
    ReservedMemory: ecs["reserved-memory"],
  };
  return { text: JSON.stringify(config) };
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
