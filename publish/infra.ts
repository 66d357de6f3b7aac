/**
 * Infra.toml: the repositories there are, and their keys (specification "updates" 16.1). Decides.
 *
 * What belongs to AWS and VMware is only looked through for unknown names: nothing here uses it yet.
 */
import { describeNode, type SourceNode } from "../host/settings/index.ts";
import type { TableReader } from "../host/settings/table-reader.ts";
import { wholeNumber } from "./toml-file.ts";

export interface Infra {
  /** As people would name it. */
  readonly file: string;
  readonly repos: ReadonlyMap<string, InfraRepo>;
}

export interface InfraRepo {
  readonly rootRole: { readonly url: string; readonly sha512: string } | undefined;
  readonly signingKeys: KeySource | undefined;
  readonly rootKeys: KeySource | undefined;
  readonly metadataBaseUrl: string | undefined;
  readonly targetsUrl: string | undefined;
  readonly rootKeyThreshold: number;
  readonly pubKeyThreshold: number;
}

export interface KeySource {
  /** For messages: "Infra.toml:3:1: repo.default.signing_keys". */
  readonly field: string;
  readonly key:
    | { readonly kind: "file"; readonly path: string }
    /** `aws-kms:///ID` or `aws-ssm:///NAME`. */
    | { readonly kind: "kms" | "ssm"; readonly uri: string };
}

/** Reads the document. A mistake goes to the reader, and then the result is only a stand-in. */
export function readInfra(reader: TableReader, document: SourceNode): Infra {
  const top = reader.table("", document, ["repo", "aws", "vmware"]);
  const [repo, aws, vmware] = [top.get("repo"), top.get("aws"), top.get("vmware")];
  if (aws !== undefined) lookThroughAws(reader, aws);
  if (vmware !== undefined) lookThroughVmware(reader, vmware);
  const repos = [...members(reader, "repo", repo)];
  return {
    file: reader.file,
    repos: new Map(repos.map(([name, node]) => [name, readRepo(reader, `repo.${name}`, node)])),
  };
}

function readRepo(reader: TableReader, field: string, node: SourceNode): InfraRepo {
  const fields = reader.table(field, node, repoFields);
  const text = (name: string) => {
    const value = fields.get(name);
    return value === undefined ? undefined : reader.text(`${field}.${name}`, value);
  };
  const url = (name: string) => {
    const value = text(name);
    if (value !== undefined && value !== "" && !URL.canParse(value)) {
      const found = `found the text ${JSON.stringify(value)}`;
      reader.mistake(`${field}.${name}`, fields.get(name), found, "a URL, file:// included");
    }
    return value;
  };
  const keys = (name: string) => readKeys(reader, `${field}.${name}`, fields.get(name));
  const threshold = (name: string) => {
    const value = fields.get(name);
    return value === undefined ? 1 : wholeNumber(reader, `${field}.${name}`, value, [1, 1000]);
  };
  const [rootUrl, sha512] = [url("root_role_url"), text("root_role_sha512")?.toLowerCase()];
  if ((rootUrl === undefined) !== (sha512 === undefined)) {
    const missing = rootUrl === undefined ? "root_role_url" : "root_role_sha512";
    reader.mistake(`${field}.${missing}`, node, "missing", "root_role_url and root_role_sha512 together");
  }
  if (sha512 !== undefined && !/^[0-9a-f]{128}$/.test(sha512)) {
    reader.mistake(
      `${field}.root_role_sha512`,
      fields.get("root_role_sha512"),
      "not a SHA-512",
      "128 hexadecimal digits",
    );
  }
  text("file_hosting_config_name");
  return {
    rootRole: rootUrl === undefined || sha512 === undefined ? undefined : { url: rootUrl, sha512 },
    signingKeys: keys("signing_keys"),
    rootKeys: keys("root_keys"),
    metadataBaseUrl: url("metadata_base_url"),
    targetsUrl: url("targets_url"),
    rootKeyThreshold: threshold("root_key_threshold"),
    pubKeyThreshold: threshold("pub_key_threshold"),
  };
}

const repoFields = [
  "root_role_url",
  "root_role_sha512",
  "signing_keys",
  "root_keys",
  "metadata_base_url",
  "targets_url",
  "file_hosting_config_name",
  "root_key_threshold",
  "pub_key_threshold",
];

function readKeys(reader: TableReader, field: string, node: SourceNode | undefined): KeySource | undefined {
  if (node === undefined) return undefined;
  const at = node.at === undefined ? reader.file : `${reader.file}:${node.at.line}:${node.at.column}`;
  const source = (key: KeySource["key"]) => ({ field: `${at}: ${field}`, key });
  const kinds = reader.table(field, node, ["file", "kms", "ssm"]);
  const [kind, value] = [...kinds][0] ?? [];
  if (kinds.size !== 1 || value === undefined) {
    reader.mistake(field, node, `found ${kinds.size} kinds of key`, "one of file, kms, ssm");
    return undefined;
  }
  switch (kind) {
    case "file":
      return source({
        kind,
        path: reader.text(`${field}.file.path`, reader.table(`${field}.file`, value, ["path"]).get("path")),
      });
    case "kms": {
      // Whatever else is in it belongs to the tools that make keys there.
      const id = members(reader, `${field}.kms`, value).get("key_id");
      const key = id === undefined ? "" : reader.text(`${field}.kms.key_id`, id);
      return source({ kind, uri: `aws-kms:///${key}` });
    }
    case "ssm": {
      const parameter = reader.table(`${field}.ssm`, value, ["parameter"]).get("parameter");
      const name = reader.text(`${field}.ssm.parameter`, parameter);
      return source({ kind, uri: `aws-ssm:///${name.replace(/^\//, "")}` });
    }
    default:
      return undefined; // an unknown field, which the reader has noted
  }
}

function lookThroughAws(reader: TableReader, node: SourceNode): void {
  const aws = reader.table("aws", node, ["regions", "profile", "role", "region", "ssm_prefix", "s3"]);
  for (const [name, region] of members(reader, "aws.region", aws.get("region"))) {
    reader.table(`aws.region.${name}`, region, ["role"]);
  }
}

function lookThroughVmware(reader: TableReader, node: SourceNode): void {
  const vmware = reader.table("vmware", node, ["datacenters", "common", "datacenter"]);
  const common = vmware.get("common");
  if (common !== undefined) reader.table("vmware.common", common, datacenterFields);
  for (const [name, datacenter] of members(reader, "vmware.datacenter", vmware.get("datacenter"))) {
    reader.table(`vmware.datacenter.${name}`, datacenter, datacenterFields);
  }
}

const datacenterFields = ["vsphere_url", "datacenter", "datastore", "network", "folder", "resource_pool"];

/** The members of a table whose names are chosen outside; none when it is absent. */
function members(
  reader: TableReader,
  field: string,
  node: SourceNode | undefined,
): ReadonlyMap<string, SourceNode> {
  if (node === undefined) return new Map();
  if (node.kind === "table") return new Map(node.entries.map(({ name, value }) => [name, value]));
  reader.mistake(field, node, `found ${describeNode(node)}`, "a table");
  return new Map();
}
