import { boolean } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";

export const autoscaling = group(
  {
    "should-wait": setting(boolean, {
      doc: "True: the orchestrator's agent starts only once the instance is in service.",
      example: false,
    }),
  },
  // The reference forgot the agent, which reads it (specification "settings" 9.2).
  { about: { doc: "EC2 Auto Scaling.", affects: ["ecs"] } },
);
