import { boolean, list } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";
import { anyText, url } from "../text-types.ts";

export const metrics = group(
  {
    "metrics-url": setting(url, {
      doc: "Where metrics are sent to.",
      example: "https://metrics.example.com/v1/metrics",
    }),
    "send-metrics": setting(boolean, {
      doc: "False: no metrics are sent.",
      example: false,
      generatedBy: { aws: "shibaken is-partition --partition aws --partition aws-us-gov" },
    }),
    "service-checks": setting(list(anyText), {
      doc: "The services whose state is told.",
      example: ["containerd", "kubelet"],
    }),
  },
  // In the reference a change, opting out included, takes effect at the next boot only (specification "settings" 9.2).
  { about: { doc: "What the host tells about its health.", affects: ["metricdog"] } },
);
