import { secret } from "../composed-types.ts";
import { group, setting } from "../declaration.ts";
import { base64 } from "../encoded-types.ts";
import { singleLine } from "../text-types.ts";

export const aws = group(
  {
    region: setting(singleLine, {
      doc: "The region that the host is in. Other settings are generated from it at boot; a later change does not generate them anew.",
      example: "eu-west-1",
      // Files of all three name it; the reference forgot two of them (specification "settings" 9.2).
      affects: ["aws", "kubernetes", "metricdog"],
    }),
    config: setting(secret(base64), {
      doc: "What becomes the AWS configuration file of programs on the host, in base64. It may hold keys as the credentials do.",
      example: "W2RlZmF1bHRdCg==",
    }),
    credentials: setting(secret(base64), {
      doc: "What becomes the AWS credentials file of programs on the host, in base64.",
      example: "W2RlZmF1bHRdCg==",
    }),
    profile: setting(singleLine, {
      doc: "The profile of those files that the ECR credential provider uses.",
      example: "default",
      // The kubelet's file names it; forgotten likewise.
      affects: ["aws", "kubernetes"],
    }),
  },
  { about: { doc: "How programs on the host use AWS.", affects: ["aws"] } },
);
