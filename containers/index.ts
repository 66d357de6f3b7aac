/** The images of the admin and the control container, built from Debian 13 as OCI images. */
export { type BuiltContainerImage, buildContainerImage, imageNames } from "./build.ts";
export { pushImage } from "./push.ts";
