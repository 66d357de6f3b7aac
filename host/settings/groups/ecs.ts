import { boolean, integer, list, oneOf, signed64 } from "../basic-types.ts";
import { group, map, setting } from "../declaration.ts";
import { ecsDuration } from "../duration-types.ts";
import { attributeKey, attributeValue } from "../ecs-types.ts";
import { anyText, singleLine } from "../text-types.ts";

export const ecs = group(
  {
    cluster: setting(anyText, {
      doc: 'The cluster that the agent joins when it starts. Unset: "default".',
      example: "web",
    }),
    "instance-attributes": map(
      attributeKey,
      setting(attributeValue, { doc: "The value of the attribute.", example: "blue green" }),
      {
        doc: "Attributes that tasks can be placed by, given when the agent starts.",
        example: { stack: "blue" },
      },
    ),
    "allow-privileged-containers": setting(boolean, {
      doc: "True: tasks may run privileged containers.",
      example: false,
    }),
    "logging-drivers": setting(list(singleLine), {
      doc: "The log drivers that tasks may use.",
      example: ["json-file", "awslogs", "none"],
    }),
    loglevel: setting(oneOf(["debug", "info", "warn", "error", "crit"]), {
      doc: "How much the agent logs.",
      example: "info",
    }),
    "enable-spot-instance-draining": setting(boolean, {
      doc: "True: tasks are drained when a spot instance is about to be taken away.",
      example: true,
    }),
    "image-pull-behavior": setting(oneOf(["default", "always", "once", "prefer-cached"]), {
      doc: "When the agent pulls images that it has already.",
      example: "prefer-cached",
    }),
    "container-stop-timeout": setting(ecsDuration, {
      doc: "How long a container may take to stop.",
      example: "30s",
    }),
    "task-cleanup-wait": setting(ecsDuration, {
      doc: "How long the containers of a stopped task are kept.",
      example: "3h",
    }),
    "metadata-service-rps": setting(signed64, {
      doc: "Requests a second to the task metadata service.",
      example: 40,
    }),
    "metadata-service-burst": setting(signed64, {
      doc: "Requests to the task metadata service at once.",
      example: 60,
    }),
    "reserved-memory": setting(integer({ min: 0, max: 65_535 }), {
      doc: "Memory in MiB that is kept from tasks.",
      example: 512,
    }),
  },
  { about: { doc: "The agent of Amazon ECS.", affects: ["ecs"] } },
);
