/** The certificates that this host trusts. What answers to `certdog` lives here. */

export { bundleText } from "./bundle.ts";
export { trustedStoreOf, updateTrustedStore } from "./trusted-store.ts";
