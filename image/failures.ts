/** Everything that can stop an image build, with what to do next. */
import { failuresOf } from "../sdk/index.ts";

interface ImageFailures {
  "host-executable/name-not-found": { name: string; runtime: string };
  "host-executable/not-compiled": { output: string };
  "host-executable/names-this-machine": { path: string; at: number };
  "host-executable/does-not-run": { output: string };
  "host-executable/not-sealed": { how: string; output: string };
  "package-lists/missing": { name: string; directory: string };
  "package-lists/not-written": { variant: string; missing: readonly string[] };
  "package-lists/bad": { problems: readonly string[] };
  "package-lists/bad-links": { entries: readonly string[] };
  "package-lists/no-match": { patterns: readonly string[] };
  "image/library-missing": { libraries: readonly string[] };
  "image/no-template": { missing: readonly string[]; sources: string };
  "image/bad-units": { problems: readonly string[] };
  "image/bad-rules": { file: string; problem: string };
  "image/kernel-count": { found: readonly string[] };
  "image/bad-certificates": { directory: string; problem: string };
  "image/no-such-module": { names: readonly string[] };
  "image/broken-links": { links: readonly string[] };
  "image/forbidden-files": { problems: readonly string[] };
  "image/unnamed-executables": { problems: readonly string[] };
  "image/too-big": { what: string; neededKiB: number; label: string; holdsKiB: number };
  "image/no-licence": { packages: readonly string[] };
  "image/no-version": { packageName: string };
  "image/outputs-busy": { directory: string; seconds: number };
  "image/bad-release-file": { file: string; reason: string };
  "image/bad-choice": { what: string; found: string; accepted: readonly string[] };
}

export const fail = failuresOf<ImageFailures>({
  "host-executable/name-not-found": {
    says: (f) => `The runtime ${f.runtime} does not hold the name ${f.name}, which the build must overwrite`,
    hint: "A new runtime reads its environment differently: find out how, then change image/seal.ts and its test",
  },
  "host-executable/not-compiled": {
    says: (f) => `The host programs could not be made into one executable:\n${f.output}`,
    hint: "Correct the source named above; make check shows the same mistakes faster",
  },
  "host-executable/names-this-machine": {
    says: (f) =>
      `pinwheel-host holds the path of this clone, ${f.path}, at byte ${f.at}: elsewhere it has other bytes`,
    hint: "Find the module that uses its own path (strings -n 8), and keep the path out by --define in image/host-executable.ts",
  },
  "host-executable/does-not-run": {
    says: (f) => `pinwheel-host does not run in an empty root:\n${f.output}`,
    hint: "It may need another library beside it: compare its needs with the list in image/host-executable.ts",
  },
  "host-executable/not-sealed": {
    says: (f) => `pinwheel-host can still be made to run foreign code by ${f.how}:\n${f.output}`,
    hint: "Add the name to image/seal.ts",
  },
  "package-lists/missing": {
    says: (f) => `There is no package list ${f.name} in ${f.directory}`,
    hint: "Correct the name in the variant's packages, or add the file",
  },
  "package-lists/not-written": {
    says: (f) =>
      `${f.variant} cannot be built yet. Its settings are complete, but these package lists are missing:\n${f.missing.join("\n")}`,
    hint: "Build metal-base or metal-dev; or write variants/shared/packages/NAME.toml for each, and take it out of variants/shared/missing-packages.toml",
  },
  "package-lists/bad": {
    says: (f) => `The package lists have mistakes:\n${f.problems.join("\n")}`,
    hint: "A list has one table a Debian package",
  },
  "package-lists/bad-links": {
    says: (f) => `These entries of \`links\` cannot be read:\n${f.entries.join("\n")}`,
    hint: "A link is written like this: usr/bin/sh -> bash",
  },
  "package-lists/no-match": {
    says: (f) =>
      `These entries of the package lists name no file of their package:\n${f.patterns.join("\n")}`,
    hint: "The package changed, or the entry has a typing mistake: look at the package's files in the cache",
  },
  "image/library-missing": {
    says: (f) => `Libraries that no extracted package brings:\n${f.libraries.join("\n")}`,
    hint: "Add the package that has it to the package list",
  },
  "image/no-template": {
    says: (f) =>
      `There is no template for these configuration files in ${f.sources}: ${f.missing.join(", ")}`,
    hint: "Write the templates, or correct the template-path in variants/shared/defaults",
  },
  "image/bad-units": {
    says: (f) => `The units in variants/shared/units have mistakes:\n${f.problems.join("\n")}`,
    hint: "Stock units must also be kept by a package list, usually base.toml",
  },
  "image/bad-rules": {
    says: (f) => `${f.file}: ${f.problem}`,
    hint: 'A rules file looks like: forbidden = ["sh", "perl*"]',
  },
  "image/kernel-count": {
    says: (f) => `The packages bring ${f.found.length} kernels (${f.found.join(", ")}); an image has one`,
    hint: "Name exactly one kernel package list in the variant",
  },
  "image/bad-certificates": {
    says: (f) => `The certificates in ${f.directory} cannot be made into one bundle: ${f.problem}`,
    hint: "Look at the files that the list of ca-certificates keeps: each is one certificate as PEM text",
  },
  "image/no-such-module": {
    says: (f) => `The kernel has no modules ${f.names.join(", ")}, built in or not`,
    hint: "Correct `initrd` in the kernel's package list",
  },
  "image/broken-links": {
    says: (f) => `These links lead nowhere in the image:\n${f.links.join("\n")}`,
    hint: "Keep what they lead to as well, or drop the link from the package list",
  },
  "image/forbidden-files": {
    says: (f) => `The root tree breaks the variant's rules:\n${f.problems.join("\n")}`,
    hint: "Take the file out of the package list; variants/shared/rules says what may not be there",
  },
  "image/unnamed-executables": {
    says: (f) =>
      `The image would hold executables that nothing in variants/ names:\n${f.problems.join("\n")}`,
    hint: "Name each with its whole path in a package list of variants/shared/packages, or keep it out",
  },
  "image/too-big": {
    says: (f) => `${f.what} needs ${f.neededKiB} KiB but ${f.label} holds ${f.holdsKiB} KiB`,
    hint: "Raise image-size-gib in the variant file, or remove a package from it",
  },
  "image/no-licence": {
    says: (f) => `These packages bring no licence text: ${f.packages.join(", ")}`,
    hint: "Look at usr/share/doc/NAME/copyright of the package; image/licences.ts expects it there",
  },
  "image/no-version": {
    says: (f) =>
      `The build environment has no package ${f.packageName}, although parts of it are in the image`,
    hint: "Correct the list in image/own-parts.ts, or add the package to sdk/recipe.toml",
  },
  "image/outputs-busy": {
    says: (f) => `Another build has been writing to ${f.directory} for ${f.seconds} s`,
    hint: "Wait for it or end it, or give this build a directory of its own with --out",
  },
  "image/bad-release-file": {
    says: (f) => `The release file ${f.file} cannot be read: ${f.reason}`,
    hint: "It is TOML with version and date, as Release.toml",
  },
  "image/bad-choice": {
    says: (f) => `${f.what} is ${f.found}; accepted: ${f.accepted.join(", ")}`,
    hint: "Correct it in the file, in its name or on the command line",
  },
});
