import { boolean } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";
import { singleLine } from "../text-types.ts";

export const cloudformation = group(
  {
    "should-signal": setting(boolean, {
      doc: "True: tell CloudFormation at the first boot whether the host came up.",
      example: true,
    }),
    "stack-name": setting(singleLine, {
      doc: "The stack that the signal is for.",
      example: "web-fleet",
    }),
    "logical-resource-id": setting(singleLine, {
      doc: "The resource of the stack that the signal is for.",
      example: "WebFleetNodes",
    }),
  },
  {
    about: { doc: "The signal that AWS CloudFormation waits for.", affects: ["cfsignal"] },
    rules: [
      // The signal is sent once: without its address the stack would wait until it times out.
      (table) =>
        table["should-signal"] !== true
          ? []
          : (["stack-name", "logical-resource-id"] as const)
              .filter((name) => (table[name] ?? "") === "")
              .map((name) => ({
                at: [name],
                problem: "it is empty, but should-signal is true",
                accepted: "the name that the signal is for, or should-signal = false",
              })),
    ],
  },
);
